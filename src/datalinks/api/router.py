"""Finds what a path leads to: literal paths and parts go before parameters, and a parameter is one part that is not empty.

A last part ``{path}`` is the rest of the path, however many parts, also none; everything else goes before it.
"""

from typing import Generic, TypeVar

T = TypeVar("T")

REST_NAME = "path"
REST = f"{{{REST_NAME}}}"
_MAX_REMEMBERED = 1_000
_MAX_REMEMBERED_LENGTH = 200


class _Node(Generic[T]):
    """What paths that begin alike go on with."""

    __slots__ = ("literals", "names", "parameter", "rest", "target")

    def __init__(self) -> None:
        self.literals: dict[str, _Node[T]] = {}
        self.parameter: _Node[T] | None = None
        # Where everything leads that leads nowhere else.
        self.rest: _Node[T] | None = None
        self.names: tuple[str, ...] = ()
        self.target: T | None = None


class Router(Generic[T]):
    """Paths like ``/tables/{selector}/links``, each with its target."""

    def __init__(self) -> None:
        self._literal: dict[str, T] = {}
        # What was found before: a program asks for few paths, and often.
        self._found: dict[str, tuple[T, dict[str, str]]] = {}
        self._root: _Node[T] = _Node()

    def add(self, path: str, target: T) -> None:
        """Lead a path to a target."""
        if "{" not in path:
            self._literal[path] = target
            return
        node, names = self._root, list[str]()
        for part in path.split("/"):
            if part == REST:
                names.append(REST_NAME)
                node.rest = node = node.rest or _Node()
            elif part.startswith("{"):
                names.append(part.strip("{}"))
                node.parameter = node = node.parameter or _Node()
            else:
                node = node.literals.setdefault(part, _Node())
        node.names, node.target = tuple(names), target

    def find(self, path: str) -> tuple[T, dict[str, str]] | None:
        """The target of a path and the values of its parameters, or None if it leads nowhere. Not to be changed."""
        found = self._found.get(path)
        if found is None and (found := self._search(path)) is not None and len(path) <= _MAX_REMEMBERED_LENGTH:
            if REST_NAME in found[1]:
                # Paths of other servers: there is no end of them.
                return found
            if len(self._found) >= _MAX_REMEMBERED:
                self._found.clear()
            self._found[path] = found
        return found

    def _search(self, path: str) -> tuple[T, dict[str, str]] | None:
        literal = self._literal.get(path)
        if literal is not None:
            return literal, {}
        values: list[str] = []
        node = _walk(self._root, path.split("/"), 0, values)
        if node is None or node.target is None:
            return None
        return node.target, dict(zip(node.names, values, strict=True))


def _walk(node: _Node[T], parts: list[str], position: int, values: list[str]) -> _Node[T] | None:
    """Where the parts from a position on lead; puts the values of parameters into ``values``.

    A literal part that leads nowhere is tried as a parameter too, and then as the beginning of a rest, as deep as the longest
    path of the table.
    """
    if position == len(parts):
        return node if node.target is not None else None
    part = parts[position]
    literal = node.literals.get(part)
    if literal is not None and (found := _walk(literal, parts, position + 1, values)) is not None:
        return found
    if node.parameter is not None and part:
        values.append(part)
        if (found := _walk(node.parameter, parts, position + 1, values)) is not None:
            return found
        values.pop()
    if node.rest is not None:
        values.append("/".join(parts[position:]))
    return node.rest
