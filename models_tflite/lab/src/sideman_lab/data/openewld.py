"""OpenEWLD: public-domain lead sheets (MIT on the set). A test set: nothing shipped is trained on it."""

from __future__ import annotations

import tarfile
from typing import TYPE_CHECKING

from sideman_lab.data.musicxml import LeadSheet, lead_sheet, open_score, read_bars, unfold, voice_part

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ARCHIVE = "openewld/openewld.tar.gz"


def read(data_dir: Path) -> Iterator[LeadSheet]:
    """Every lead sheet in order of its name, repeats unfolded.

    Args:
        data_dir: Folder that holds ``openewld/openewld.tar.gz``.

    Yields:
        Lead sheets with the id ``openewld-<authors>--<title>``.
    """
    with tarfile.open(data_dir / ARCHIVE) as archive:
        members = [m for m in archive.getmembers() if m.name.endswith(".mxl")]
        for member in sorted(members, key=lambda m: m.name):
            packed = archive.extractfile(member)
            if packed is None:
                continue
            name = member.name.rpartition("/")[2].removesuffix(".mxl")
            piece = sheet(f"openewld-{name}", packed.read())
            if piece is not None:
                yield piece


def sheet(song: str, packed: bytes) -> LeadSheet | None:
    """One compressed score as a lead sheet, repeats unfolded; None when it has no notes."""
    bars = read_bars(voice_part(open_score(packed)))
    return lead_sheet(song, bars, unfold(bars))
