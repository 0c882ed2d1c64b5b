"""Jazz and pop lead sheets read from paper (``chord-melody``). A test set: nothing is ever trained or chosen on it."""

from __future__ import annotations

import tarfile
from fractions import Fraction
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from sideman_lab.data.musicxml import Bar, LeadSheet, lead_sheet, read_bars, unfold, voice_part

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ARCHIVE = "chord-melody/chord-melody.tar.gz"


def read(data_dir: Path) -> Iterator[LeadSheet]:
    """Every lead sheet in order of its name, repeats unfolded.

    Args:
        data_dir: Folder that holds ``chord-melody/chord-melody.tar.gz``.

    Yields:
        Lead sheets with the id ``chord-melody-<song>``.
    """
    with tarfile.open(data_dir / ARCHIVE) as archive:
        members = [m for m in archive.getmembers() if m.name.endswith(".xml")]
        for member in sorted(members, key=lambda m: m.name):
            plain = archive.extractfile(member)
            if plain is not None:
                piece = sheet(f"chord-melody-{member.name.split('/')[-2]}", plain.read())
                if piece is not None:
                    yield piece


def sheet(song: str, text: bytes) -> LeadSheet | None:
    """One uncompressed score as a lead sheet; None when it has no notes."""
    bars = read_bars(voice_part(ET.fromstring(text)))  # noqa: S314 - local, known archive
    for bar in bars:
        bar.chords = placed(bar)
    return lead_sheet(song, bars, unfold(bars))


def placed(bar: Bar) -> list[tuple[Fraction, str]]:
    """The chords of a bar on their beats: what the file gives is where the symbol was drawn.

    One stands on the first beat, two stand on the first and in the middle, more on the nearest beats.
    """
    labels = [label for _, label in bar.chords]
    if len(labels) <= 2:
        return [(i * bar.full / 2, label) for i, label in enumerate(labels)]
    return [(Fraction(round(onset)), label) for onset, label in bar.chords]
