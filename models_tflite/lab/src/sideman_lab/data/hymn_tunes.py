"""Open Hymnal's upper voices as plain tunes: notes on 16ths, bar lines, pickups (public domain).

Only what a melody needs of ABC is read: the first voice of the upper staff, without chords or overlays. A tune is cut
short where a bar does not hold what its meter says, since no bar line can be trusted from there on.
"""

from __future__ import annotations

import re
import tarfile
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sideman.music.meter import Meter, MeterError, parse_meter

if TYPE_CHECKING:
    from collections.abc import Iterator

ARCHIVE = Path("openhymnal") / "openhymnal.tar.gz"
FEWEST_NOTES = 12
VOICE = re.compile(r"^\[V: *S1V1\]", re.MULTILINE)
TOKEN = re.compile(r"(\|)|([_=^]*)([A-Ga-gzx])([,']*)(\d*)(/*)(\d*)(-?)|(\()|([^\s])")
MAJOR_SHARPS = {
    "C": 0,
    "G": 1,
    "D": 2,
    "A": 3,
    "E": 4,
    "B": 5,
    "F#": 6,
    "F": -1,
    "Bb": -2,
    "Eb": -3,
    "Ab": -4,
    "Db": -5,
}
MINOR_SHARPS = {"A": 0, "E": 1, "B": 2, "F#": 3, "C#": 4, "G#": 5, "D": -1, "G": -2, "C": -3, "F": -4, "Bb": -5}
DEGREES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
SHARPS, FLATS = "FCGDAEB", "BEADGCF"


def read(data_dir: Path) -> Iterator[dict[str, Any]]:
    """Tunes in order of their names: ``{"id", "meter", "melody": [[onset, duration, midi]]}`` in 16ths.

    Args:
        data_dir: Folder that holds ``openhymnal/openhymnal.tar.gz``.
    """
    with tarfile.open(data_dir / ARCHIVE) as archive:
        for member in sorted(archive.getmembers(), key=lambda m: m.name):
            stream = archive.extractfile(member) if member.name.endswith(".abc") else None
            if stream is not None:
                found = tune(f"hymn-{Path(member.name).stem}", stream.read().decode("utf-8", "replace"))
                if found is not None:
                    yield found


def tune(name: str, text: str) -> dict[str, Any] | None:
    """One hymn's upper voice; None where its meter or voice cannot be read."""
    text = re.sub(r"(?<!\\)%.*", "", text)
    heads = {k: m[1].strip() for k in "MLK" if (m := re.search(rf"^{k}:(.*)$", text, re.MULTILINE))}
    lines = [text[m.end() :].split("\n", 1)[0] for m in VOICE.finditer(text)]
    try:
        meter = parse_meter(heads.get("M", "").replace("C|", "2/2").replace("C", "4/4"))
    except MeterError:
        return None
    if not lines:
        return None
    unit = Fraction(heads.get("L", "1/4").split()[0]) * 16
    body = re.sub(r"\[[A-Za-z]:[^\]]*\]|![^!]*!|\"[^\"]*\"|\{[^}]*\}", " ", " ".join(lines))
    bars = _bars(body, unit, _signature(heads.get("K", "C")))
    melody = _laid(bars, meter)
    if len(melody) < FEWEST_NOTES:
        return None
    return {"id": name, "meter": [meter.numerator, meter.denominator], "melody": melody}


def _signature(key: str) -> dict[str, int]:
    """Alteration of each letter under a key signature."""
    found = re.match(r"([A-G][#b]?)\s*(m(?!aj)|min)?", key)
    if not found:
        return {}
    n = (MINOR_SHARPS if found[2] else MAJOR_SHARPS).get(found[1], 0)
    return dict.fromkeys(SHARPS[:n], 1) if n > 0 else dict.fromkeys(FLATS[: -n or None] if n else "", -1)


def _bars(body: str, unit: Fraction, signature: dict[str, int]) -> list[list[tuple[Fraction, Fraction, int, bool]]]:
    """Bars of (onset, length, pitch or -1 for a rest, tied on); reading stops at what is not plain (overlays)."""
    bars: list[list[tuple[Fraction, Fraction, int, bool]]] = [[]]
    at, altered = Fraction(0), dict(signature)
    for m in TOKEN.finditer(body):
        if m[1]:
            if bars[-1]:
                bars.append([])
            at, altered = Fraction(0), dict(signature)
        elif m[3]:
            letter = m[3].upper()
            if m[2]:
                altered[letter] = m[2].count("^") - m[2].count("_")
            length = unit * int(m[5] or 1)
            if m[6]:
                length /= int(m[7]) if m[7] else 2 ** len(m[6])
            octave = 5 + m[3].islower() + m[4].count("'") - m[4].count(",")
            pitch = -1 if letter in "ZX" else 12 * octave + DEGREES[letter] + altered.get(letter, 0)
            bars[-1].append((at, length, pitch, bool(m[8])))
            at += length
        elif m[10] and m[10] in "&[<>":
            break
    return [bar for bar in bars if bar]


def _laid(bars: list[list[tuple[Fraction, Fraction, int, bool]]], meter: Meter) -> list[list[Any]]:
    """Notes of whole bars in 16ths from the first bar line; two short bars in a row make one (a pickup's return)."""
    size = Fraction(meter.bar_frames)
    melody: list[list[Any]] = []
    zero, held, tied = Fraction(0), Fraction(0), False
    for number, bar in enumerate(bars):
        length = bar[-1][0] + bar[-1][1]
        start = zero + held
        if number == 0 and length < size:
            start = -length
        elif held + length > size:
            break
        for onset, duration, pitch, ties in bar:
            if pitch < 0:
                tied = False
            elif tied and melody and melody[-1][2] == pitch:
                melody[-1][1] += float(duration)
                tied = ties
            else:
                melody.append([float(start + onset), float(duration), pitch])
                tied = ties
        if start >= 0:
            held += length
            if held == size:
                zero, held = zero + size, Fraction(0)
    return melody
