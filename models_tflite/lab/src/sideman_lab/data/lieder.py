"""OpenScore Lieder: the voice parts of art songs (CC0), for a wider melodic vocabulary. No chord symbols."""

from __future__ import annotations

import re
import tarfile
from itertools import groupby
from typing import TYPE_CHECKING

from sideman_lab.data.musicxml import Bar, LeadSheet, lead_sheet, open_score, read_bars, voice_part

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ARCHIVE = "openscore-lieder/openscore-lieder.tar.gz"
FEWEST_NOTES = 8


def read(data_dir: Path) -> Iterator[LeadSheet]:
    """Voice parts in order of their names, as written (repeats not unfolded, so that nothing counts twice).

    A song that changes its meter gives one piece for each stretch of one meter: ``lieder-<number>``, then
    ``lieder-<number>.1`` and so on; split sets by the part before the dot.

    Args:
        data_dir: Folder that holds ``openscore-lieder/openscore-lieder.tar.gz``.

    Yields:
        Lead sheets without chords, of at least eight notes each.
    """
    with tarfile.open(data_dir / ARCHIVE) as archive:
        members = [m for m in archive.getmembers() if m.name.endswith(".mxl")]
        for member in sorted(members, key=lambda m: m.name):
            packed = archive.extractfile(member)
            number = re.search(r"(\d+)\.mxl$", member.name)
            if packed is not None and number:
                yield from stretches(f"lieder-{number[1]}", packed.read())


def stretches(song: str, packed: bytes) -> Iterator[LeadSheet]:
    """The stretches of one meter in a compressed score."""
    bars = read_bars(voice_part(open_score(packed)))
    count = 0
    for _, group in groupby(bars, key=lambda bar: bar.meter):
        run: list[Bar] = list(group)
        piece = lead_sheet(song if count == 0 else f"{song}.{count}", run, range(len(run)))
        if piece is not None and len(piece["melody"]) >= FEWEST_NOTES:
            count += 1
            yield piece
