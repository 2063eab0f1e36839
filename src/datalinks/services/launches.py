"""Who wants to hear that a run was launched in this process: workers in it, which need not wait then until they look."""

from collections.abc import Callable


class Launches:
    """Tells those who listen of every launch."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[], None]] = []

    def listen(self, listener: Callable[[], None]) -> None:
        """Have a function called at every launch from now on."""
        self._listeners.append(listener)

    def tell(self) -> None:
        """A run was launched."""
        for listener in self._listeners:
            listener()
