"""Takes on disk: whole or not at all, in a folder that does not grow for ever."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterable
from pathlib import Path

from sideman.edges.smf import midi_file
from sideman.jam.take_data import TakeData


class TakeError(OSError):
    """A take could not be kept; the message is the sentence to show."""


def write_take(path: Path, take: TakeData) -> None:
    """Write a take as a MIDI file.

    Raises:
        TakeError: The disk is full or read-only or the folder cannot be made; nothing half-written stays.
    """
    write_whole(path, midi_file(take))


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that after a power cut either all of it is there or none.

    Raises:
        TakeError: It could not be written; what was there before is untouched.
    """
    beside = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise TakeError(sentence(error, path.parent)) from error


def sentence(error: OSError, folder: Path) -> str:
    """What to show for an error while keeping takes."""
    said = {
        errno.ENOSPC: f"DISK FULL: takes are not kept; delete old ones in {folder}.",
        errno.EDQUOT: f"DISK FULL: takes are not kept; delete old ones in {folder}.",
        errno.EROFS: f"DISK READ-ONLY: takes are not kept; make {folder} writable.",
        errno.EACCES: f"NO RIGHT to write takes: give the user of the service the folder {folder}.",
        errno.EPERM: f"NO RIGHT to write takes: give the user of the service the folder {folder}.",
    }
    return said.get(error.errno or 0, f"Takes are not kept in {folder}: {error.strerror or error}.")


def prune(folder: Path, max_takes: int, max_bytes: int, keep: Iterable[Path] = ()) -> list[Path]:
    """Delete the oldest takes beyond a number or a size; returns what was deleted.

    A take is everything in the folder with one stem (``2026-11-21-2031.mid``, ``.log``) or one folder; the names sort
    by age. The newest take always stays, and so does what ``keep`` names. Errors are left for the next time.
    """
    takes: dict[str, list[Path]] = {}
    try:
        for path in folder.iterdir():
            if not path.name.startswith("."):
                takes.setdefault(path.name if path.is_dir() else path.name.split(".")[0], []).append(path)
    except OSError:
        return []
    kept = {path.name.split(".")[0] for path in keep}
    deleted: list[Path] = []
    total, count = 0, 0
    for i, name in enumerate(sorted(takes, reverse=True)):
        size = sum(map(_size, takes[name]))
        count, total = count + 1, total + size
        if i == 0 or name in kept or (count <= max_takes and total <= max_bytes):
            continue
        deleted += [path for path in takes[name] if _delete(path)]
        count, total = count - 1, total - size
    return deleted


def _size(path: Path) -> int:
    try:
        return sum(map(_size, path.iterdir())) if path.is_dir() and not path.is_symlink() else path.lstat().st_size
    except OSError:
        return 0


def _delete(path: Path) -> bool:
    try:
        if path.is_dir() and not path.is_symlink():
            for inner in path.iterdir():
                _delete(inner)
            path.rmdir()
        else:
            path.unlink()
    except OSError:
        return False
    return True
