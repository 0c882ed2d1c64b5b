"""OpenScore Lieder as lead sheets: the voice, and chords derived from the piano part on half-bars.

The chords are ours: the triad or seventh that explains best what sounds in each half-bar (between strong beats). ``X``
marks half-bars in which no chord was clear.
"""

from __future__ import annotations

import re
import tarfile
from fractions import Fraction
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from sideman.music.chords import QUALITIES, Chord
from sideman.music.meter import Meter, MeterError
from sideman_lab.data.lieder import ARCHIVE, FEWEST_NOTES
from sideman_lab.data.musicxml import STEPS, Bar, LeadSheet, lead_sheet, open_score, read_bars, voice_part

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from xml.etree import ElementTree as ET

TICKS = 960
CLEAR = 0.75
"""Share of what sounds that a chord has to explain."""
COSTS = {"maj": 0.0, "min": 0.0, "7": 0.1, "min7": 0.15, "hdim7": 0.15, "dim": 0.1, "dim7": 0.15, "maj7": 0.25}
"""The vocabulary, and how much better a rarer chord has to explain."""
FULLEST = 24
UNCLEAR = "X"
Sounding = list[tuple[Fraction, Fraction, int]]
"""Onset, end and MIDI pitch, quarters from the start of a bar."""


def read(data_dir: Path) -> Iterator[LeadSheet]:
    """Songs in order of their names; ids as in ``lieder.read``.

    Args:
        data_dir: Folder that holds ``openscore-lieder/openscore-lieder.tar.gz``.

    Yields:
        Lead sheets with derived chords.
    """
    with tarfile.open(data_dir / ARCHIVE) as archive:
        members = [m for m in archive.getmembers() if m.name.endswith(".mxl")]
        for member in sorted(members, key=lambda m: m.name):
            packed = archive.extractfile(member)
            number = re.search(r"(\d+)\.mxl$", member.name)
            if packed is not None and number:
                yield from stretches(f"lieder-{number[1]}", open_score(packed.read()))


def stretches(song: str, root: ET.Element) -> Iterator[LeadSheet]:
    """The stretches of one meter of a score."""
    voice = voice_part(root)
    bars = read_bars(voice)
    piano = [_sounding(part) for part in root.findall("part") if part is not voice]
    for number, bar in enumerate(bars):
        sung = [(o, o + d, p) for o, d, p, _ in bar.notes]
        below = [note for part in piano if number < len(part) for note in part[number]]
        _name(bar, below, sung)
    count = 0
    for _, group in groupby(bars, key=lambda bar: bar.meter):
        run: list[Bar] = list(group)
        piece = lead_sheet(song if count == 0 else f"{song}.{count}", run, range(len(run)))
        if piece is not None and len(piece["melody"]) >= FEWEST_NOTES and _known(run[0].meter):
            count += 1
            yield piece


def _known(meter: tuple[int, int]) -> bool:
    """Whether the meter is one that the band plays, its bars not over-long."""
    try:
        return Meter(*meter).bar_frames <= FULLEST
    except MeterError:
        return False


def _name(bar: Bar, below: Sounding, sung: Sounding) -> None:
    """Put the chords of a bar into it."""
    cuts = [Fraction(0)]
    if bar.length >= bar.full and _known(bar.meter):
        cuts = [Fraction(tick, TICKS) for tick in sorted(Meter(*bar.meter).groups)]
    names = [_label(below, sung, start, stop) for start, stop in pairwise([*cuts, max(bar.length, cuts[-1] + 1)])]
    whole = _label(below, sung, Fraction(0), bar.length) if len(cuts) > 1 else UNCLEAR
    if whole != UNCLEAR and all(name in {whole, UNCLEAR} for name in names):
        names = [whole] * len(names)
    bar.opening, bar.chords = names[0], list(zip(cuts[1:], names[1:], strict=True))


def _label(below: Sounding, sung: Sounding, start: Fraction, stop: Fraction) -> str:
    weights = [0.0] * 12
    lowest: tuple[Fraction, int] | None = None
    for notes, share in ((below, 1.0), (sung, 0.3)):
        for onset, end, pitch in notes:
            length = min(end, stop) - max(onset, start)
            if length > 0:
                weights[pitch % 12] += share * float(length)
                if share == 1.0 and (lowest is None or pitch < lowest[1]):
                    lowest = (onset, pitch)
    return _best(weights, lowest[1] % 12 if lowest else None)


def _best(weights: list[float], bass: int | None) -> str:
    total = sum(weights)
    found, top = UNCLEAR, -1.0
    for quality, cost in COSTS.items():
        for root in range(12) if total else ():
            tones = [(root + step) % 12 for step in QUALITIES[quality]]
            inside = sum(weights[pc] for pc in tones) / total
            missing = sum(weights[pc] < 0.03 * total for pc in tones[:2]) + 0.3 * (weights[tones[2]] < 0.03 * total)
            score = inside - cost - 0.3 * missing + (0.12 if root == bass else 0.0)
            if inside >= CLEAR and missing < 1 and score > top:
                found, top = Chord(root, quality).label, score
    return found


def _sounding(part: ET.Element) -> list[Sounding]:
    """What sounds in each bar of a part, all its voices."""
    divisions = 1
    found: list[Sounding] = []
    for measure in part.findall("measure"):
        at = last = Fraction(0)
        notes: Sounding = []
        for item in measure:
            length = Fraction(int(float(item.findtext("duration") or 0)), divisions)
            if item.tag == "attributes":
                divisions = int(item.findtext("divisions") or divisions)
            elif item.tag == "backup":
                at = max(at - length, Fraction(0))
            elif item.tag == "forward":
                at += length
            elif item.tag == "note" and item.find("grace") is None:
                if item.find("chord") is None:
                    last = at
                    at += length
                pitch = item.find("pitch")
                if pitch is not None:
                    midi = (
                        12 * (int(pitch.findtext("octave") or 4) + 1) + STEPS[(pitch.findtext("step") or "C").strip()]
                    )
                    notes.append((last, last + length, midi + int(float(pitch.findtext("alter") or 0))))
        found.append(notes)
    return found
