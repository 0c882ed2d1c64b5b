"""Writing an update into the slot that is not running, and reading it back."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from sideman.service import slots
from sideman.service.card import CardError, Layout, Slot
from sideman.service.update_file import CHUNK, Image, Manifest, UpdateError, opened, unpacked


class Target(Protocol):
    """One partition that is written to."""

    def write(self, at: int, data: bytes) -> None:
        """Write bytes at an offset."""

    def flush(self) -> None:
        """Return when all of it is on the card."""

    def read(self, at: int, size: int) -> bytes:
        """Read from the card itself, not from what is remembered of it."""


class Device:
    """A partition's block device."""

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_RDWR | os.O_EXCL)  # O_EXCL: the kernel refuses a partition that is mounted

    def write(self, at: int, data: bytes) -> None:
        """Write all of it."""
        while data:
            done = os.pwrite(self._handle, data, at)
            at, data = at + done, data[done:]

    def flush(self) -> None:
        """Wait for the card, and forget the pages."""
        os.fsync(self._handle)
        os.posix_fadvise(self._handle, 0, 0, os.POSIX_FADV_DONTNEED)

    def read(self, at: int, size: int) -> bytes:
        """Read after a flush."""
        return os.pread(self._handle, size, at)

    def close(self) -> None:
        """Let go."""
        os.close(self._handle)


def spare(layout: Layout, selector: slots.Selector, cmdline: str) -> Slot:
    """The slot to write: never the running one, and only while the running one is the default.

    Raises:
        UpdateError: What runs is itself on trial, or the card does not say what runs.
    """
    try:
        here = slots.running(cmdline)
        layout.slot(here)
        default = slots.committed(layout, selector.read())
    except (CardError, OSError) as error:
        raise UpdateError(f"No update: {error}.") from error
    if here != default:
        raise UpdateError("This system is on trial itself: wait a minute until it is kept, then update again.")
    return layout.other(here)


def write_update(
    path: Path,
    layout: Layout,
    slot: Slot,
    targets: Mapping[str, Target],
    progress: Callable[[int], None] = lambda _percent: None,
) -> Manifest:
    """Write an update into a slot and prove it by reading it back. Nothing here changes which slot starts.

    Args:
        path: The update file.
        layout: The card.
        slot: Where it goes.
        targets: ``root`` and ``boot`` of that slot.
        progress: Told percent done, 0 to 100.

    Raises:
        UpdateError: The file is damaged, or the card does not give back what was written.
    """
    with opened(path, layout) as (manifest, tar):
        total = 2 * sum(image.size for image in manifest.images)
        done, told = 0, -1

        def advance(count: int) -> None:
            nonlocal done, told
            done += count
            percent = done * 100 // total
            if percent != told:
                told = percent
                progress(percent)

        for image in manifest.images:
            at, target, seen = 0, targets[image.name], hashlib.sha256()
            for piece in unpacked(tar, image, slot.name):
                target.write(at, piece)
                seen.update(piece)
                at += len(piece)
                advance(len(piece))
            target.flush()
            if seen.hexdigest() != image.sums[slot.name]:
                raise UpdateError(f"The update's {image.name} image is damaged: copy the file again.")
    verify(manifest, slot, targets, advance)
    return manifest


def verify(
    manifest: Manifest, slot: Slot, targets: Mapping[str, Target], advance: Callable[[int], None] = lambda _count: None
) -> None:
    """Read a slot back and compare.

    Raises:
        UpdateError: The card does not hold what it should.
    """
    for image in manifest.images:
        if _sum(image, targets[image.name], advance) != image.sums[slot.name]:
            raise UpdateError(f"The card does not give back the {image.name} image as it was written: change the card.")


def _sum(image: Image, target: Target, advance: Callable[[int], None]) -> str:
    seen, at = hashlib.sha256(), 0
    while at < image.size:
        data = target.read(at, min(CHUNK, image.size - at))
        if not data:
            break
        seen.update(data)
        at += len(data)
        advance(len(data))
    return seen.hexdigest()
