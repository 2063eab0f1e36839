"""A folder of files, read and written without ever following a symbolic link or leaving it."""

import errno
import os
import stat
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self
from uuid import uuid4

from datalinks.errors import BadRequest
from datalinks.workspace_files.yaml_reading import MAX_BYTES

_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# A pipe must not keep anybody waiting.
_FILE_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW_FILE_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Entry:
    """Something in a folder. kind: ``other`` is what is neither a file nor a folder nor a link, or has no name in UTF-8."""

    name: str
    kind: Literal["file", "folder", "link", "other"]


class Folder:
    """A folder and all beneath it. A context manager.

    Paths are the names from the folder on, and every one of them is opened for itself.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> Self:
        """Open the folder.

        Raises:
            BadRequest: it cannot be opened.
        """
        try:
            # The folder itself was named by the user, so it may be reached through a link.
            self._top = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise BadRequest(f"The folder {str(self.path)!r} cannot be opened: {error.strerror}.") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        os.close(self._top)

    def entries(self, path: tuple[str, ...] = ()) -> list[Entry]:
        """What is in a folder, by name.

        Raises:
            BadRequest: it cannot be read.
        """
        with _explaining(path), self._opened(path) as folder, os.scandir(folder) as found:
            return sorted((_entry(each) for each in found), key=lambda entry: entry.name)

    def read(self, path: tuple[str, ...]) -> bytes:
        """The content of a file; of a file that is too large the beginning, one byte too many.

        Raises:
            BadRequest: it cannot be read, or is no file.
        """
        with _explaining(path), self._opened(path[:-1]) as folder:
            descriptor = os.open(path[-1], _FILE_FLAGS, dir_fd=folder)
            with open(descriptor, "rb") as file:  # noqa: PTH123 - it is open already
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    raise BadRequest(f"{'/'.join(path)} is no file.")
                return file.read(MAX_BYTES + 1)

    def find(self, path: tuple[str, ...]) -> Entry | None:
        """What is at a path; None if nothing is.

        Raises:
            BadRequest: its folder cannot be read.
        """
        with _explaining(path):
            try:
                with self._opened(path[:-1]) as folder:
                    mode = os.stat(path[-1], dir_fd=folder, follow_symlinks=False).st_mode
            except FileNotFoundError:
                return None
        return Entry(path[-1], _kind(mode))

    def write(self, path: tuple[str, ...], content: bytes) -> None:
        """Put a file in its place, as a whole; folders that are missing are made.

        Raises:
            BadRequest: it cannot be written, or something else than a file is in the place.
        """
        there = self.find(path)
        if there is not None and there.kind != "file":
            raise BadRequest(f"{'/'.join(path)} is there and is no file: move it away.")
        part = f".{uuid4().hex}.part"
        with _explaining(path), self._opened(path[:-1], may_make=True) as folder:
            try:
                descriptor = os.open(part, _NEW_FILE_FLAGS, 0o666, dir_fd=folder)
                with open(descriptor, "wb") as file:  # noqa: PTH123 - it is open already
                    file.write(content)
                    file.flush()
                    os.fsync(descriptor)
                os.replace(part, path[-1], src_dir_fd=folder, dst_dir_fd=folder)
            except OSError:
                _forget(part, folder)
                raise

    @contextmanager
    def _opened(self, path: tuple[str, ...], *, may_make: bool = False) -> Generator[int]:
        folder = os.dup(self._top)
        try:
            for name in path:
                if may_make:
                    _make(name, folder)
                inner = os.open(name, _FOLDER_FLAGS, dir_fd=folder)
                os.close(folder)
                folder = inner
            yield folder
        finally:
            os.close(folder)


def make_folder(path: Path) -> None:
    """Make a folder and those around it that are missing.

    Raises:
        BadRequest: it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadRequest(f"The folder {str(path)!r} cannot be made: {error.strerror}.") from error


@contextmanager
def _explaining(path: tuple[str, ...]) -> Generator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            raise BadRequest(
                f"{'/'.join(path)} leads over a symbolic link or a file: links are not followed."
            ) from error
        raise BadRequest(f"{'/'.join(path)}: {error.strerror}.") from error


def _entry(found: "os.DirEntry[str]") -> Entry:
    try:
        found.name.encode()
    except UnicodeEncodeError:
        return Entry(found.name.encode("utf-8", "backslashreplace").decode(), "other")
    return Entry(found.name, _kind(found.stat(follow_symlinks=False).st_mode))


def _kind(mode: int) -> Literal["file", "folder", "link", "other"]:
    if stat.S_ISREG(mode):
        return "file"
    if stat.S_ISDIR(mode):
        return "folder"
    return "link" if stat.S_ISLNK(mode) else "other"


def _make(name: str, folder: int) -> None:
    try:
        os.mkdir(name, dir_fd=folder)
    except FileExistsError:
        return


def _forget(part: str, folder: int) -> None:
    try:
        os.unlink(part, dir_fd=folder)
    except FileNotFoundError:
        return
