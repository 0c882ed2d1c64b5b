"""The update file: a tar of ``manifest.json`` and one compressed image for each partition of a slot.

Both slots get the same images but for the slot's letter on the kernel's command line; the manifest says at which bytes
it stands, and what each image must add up to in either slot.
"""

from __future__ import annotations

import json
import lzma
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sideman.service.card import Layout

SCHEMA = 1
MACHINE = "sideman-arm64"
MANIFEST = "manifest.json"
CHUNK = 4 << 20
_MANIFEST_LIMIT = 1 << 16


class UpdateError(RuntimeError):
    """The update cannot be done; the message is the sentence to show."""


@dataclass(frozen=True, slots=True)
class Image:
    """One partition of the update.

    Attributes:
        name: ``root`` or ``boot``.
        file: Its name in the tar.
        size: Bytes when unpacked.
        sums: Slot to SHA-256 in hexadecimal digits.
        letters: Where the slot's letter stands, bytes from the start.
    """

    name: str
    file: str
    size: int
    sums: dict[str, str]
    letters: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an update holds; the images in the order in which they are written, ``boot`` last."""

    version: str
    images: tuple[Image, ...]


def parse_manifest(data: bytes, layout: Layout) -> Manifest:
    """Read and check a manifest.

    Raises:
        UpdateError: It is broken, for another machine, or does not fit the card.
    """
    try:
        tree = json.loads(data)
        if tree["schema"] != SCHEMA or tree["machine"] != MACHINE:
            raise UpdateError(
                f"This update is for {tree['machine']}, schema {tree['schema']}: get the one for this box."
            )
        images = tuple(
            Image(str(each["name"]), str(each["file"]), int(each["size"]), dict(each["sha256"]), tuple(each["letters"]))
            for each in tree["images"]
        )
        manifest = Manifest(str(tree["version"]), images)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UpdateError(f"The update's manifest is broken ({error!r}): copy the file again.") from error
    if [image.name for image in images] != ["root", "boot"]:
        raise UpdateError("The update lacks a part: copy the file again.")
    for image in images:
        room = min(layout.partition(getattr(slot, image.name)).size for slot in layout.slots)
        if not 0 < image.size <= room:
            raise UpdateError(f"The update's {image.name} image has {image.size} bytes, the card holds {room}.")
        if set(image.sums) != {slot.name for slot in layout.slots}:
            raise UpdateError("The update has no checksums for this card's slots: get another file.")
        if not all(isinstance(at, int) and 0 <= at < image.size for at in image.letters):
            raise UpdateError("The update's manifest is broken: copy the file again.")
    return manifest


@contextmanager
def opened(path: Path, layout: Layout) -> Iterator[tuple[Manifest, tarfile.TarFile]]:
    """The update's manifest and its tar.

    Raises:
        UpdateError: It cannot be read or is none.
    """
    try:
        tar = tarfile.open(path, mode="r:")  # noqa: SIM115 - closed below, after the caller is done
    except (OSError, tarfile.TarError) as error:
        raise UpdateError(f"{path} is no update file: {error}") from error
    with tar:
        yield parse_manifest(_member(tar, MANIFEST, _MANIFEST_LIMIT), layout), tar


def unpacked(tar: tarfile.TarFile, image: Image, slot: str) -> Iterator[bytes]:
    """The image for a slot, piece by piece; more than the manifest's size is never given out.

    Raises:
        UpdateError: It is damaged or has another size.
    """
    done = 0
    try:
        packed = tar.extractfile(image.file)
        if packed is None:
            raise UpdateError(f"The update lacks {image.file}: copy the file again.")
        with packed, lzma.open(packed) as source:
            while done < image.size and (data := source.read(min(CHUNK, image.size - done))):
                piece = bytearray(data)
                for at in image.letters:
                    if done <= at < done + len(piece):
                        piece[at - done] = ord(slot)
                done += len(piece)
                yield bytes(piece)
            if done != image.size or source.read(1):
                raise UpdateError(f"The update's {image.name} image has another size than its manifest says.")
    except (OSError, EOFError, KeyError, tarfile.TarError, lzma.LZMAError) as error:
        raise UpdateError(f"The update is damaged at its {image.name} image ({error}): copy the file again.") from error


def _member(tar: tarfile.TarFile, name: str, limit: int) -> bytes:
    try:
        packed = tar.extractfile(name)
        data = packed.read(limit + 1) if packed is not None else b""
    except (KeyError, OSError, tarfile.TarError) as error:
        raise UpdateError(f"This is no update file: it has no {name}.") from error
    if not data or len(data) > limit:
        raise UpdateError(f"This is no update file: its {name} has a size that cannot be right.")
    return data
