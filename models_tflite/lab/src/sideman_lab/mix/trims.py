"""``sideman-lab loudness``: how loud each program is on the box, and the table of trims that the box evens them with.

All 128 programs play the phrase of each part (:mod:`sideman_lab.mix.phrases`) through FluidSynth with the card's font
at the same volume; a trim is what a program lacks of the reference. ``--write`` writes the table into the package.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import sideman
from sideman.jam.options import DEFAULT_PARTS
from sideman.music.mix import VOLUME, placed
from sideman.service.synth_command import NoSynthError
from sideman_lab.mix import phrases, synth

PARTS = ("drums", "bass", "chords", "solo")
REFERENCE = -33.0
"""LUFS of a phrase at level 100: what the quietest sounds that a foot can choose reach with room to turn up."""
LEVEL = 100
GAIN = 0.5
"""FluidSynth's while it is measured; the box's own only shifts everything."""
LIMITS = (-24.0, 4.0)
"""dB; controller 7 ends 4.2 dB over level 100, and what is hardly a sound at all is not turned up."""
SILENT = -60.0
"""LUFS of a program that does not have the phrase's keys."""
_AT_ONCE = 16
_ROW = 16
TABLE = Path("music") / "sound_trims.py"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of ``sideman-lab loudness``."""
    parser.add_argument("--write", action="store_true", help=f"write the table into the package ({TABLE})")
    parser.add_argument("--font", default="", help="another sound font (default: the card's)")


def run(args: argparse.Namespace) -> int:
    """Measure every program of every part; print the table, or write it."""
    try:
        font = args.font or synth.font()
        trims = {part: trims_of(programs(part, font)) for part in PARTS}
    except (NoSynthError, synth.NoMeterError) as error:
        print(f"sideman-lab loudness: {error}", file=sys.stderr)
        return 1
    text = module(trims, Path(font).resolve().name)
    if not args.write:
        print(text, end="")
        return 0
    path = Path(sideman.__file__).parent / TABLE
    path.write_text(text, encoding="utf-8")
    print(f"{len(PARTS)} parts, 128 programs each: {path}")
    return 0


def programs(
    part: str, font: str, which: range = range(128), value: int = LEVEL, seed: int = phrases.SEED
) -> list[float]:
    """LUFS of the part's phrase with each program, at one value of controller 7 and in the part's place."""
    channel = DEFAULT_PARTS[part].channel
    control = 0xB0 | channel
    notes, found = phrases.PHRASES[part](seed), []
    slot = round(phrases.SLOT_S * synth.RATE)
    with tempfile.TemporaryDirectory() as folder:
        for first in range(which.start, which.stop, _AT_ONCE):
            some = range(first, min(first + _AT_ONCE, which.stop))
            same = [bytes((control, VOLUME, value)), *(bytes((control, *pair)) for pair in placed(part))]
            midi = Path(folder) / "phrases.mid"
            phrases.write(midi, notes, channel, [[bytes((0xC0 | channel, each)), *same] for each in some])
            samples = synth.rendered(midi, gain=GAIN, font_file=font)
            found += [synth.heard(samples[at * slot : (at + 1) * slot]).lufs for at in range(len(some))]
    return found


def trims_of(loudness: list[float]) -> tuple[float, ...]:
    """The dB that bring each program to the reference, in tenths; 0 for one that is silent."""
    low, high = LIMITS
    return tuple(0.0 if each < SILENT else round(min(max(REFERENCE - each, low), high), 1) + 0.0 for each in loudness)


def module(trims: dict[str, tuple[float, ...]], font: str) -> str:
    """The table as a Python module."""
    lines = [
        '"""Measured loudness of the sounds: made by ``sideman-lab loudness --write``, not by hand."""',
        "",
        "from __future__ import annotations",
        "",
        f'FONT = "{font}"',
        '"""The sound font that was measured."""',
        "",
        "TRIMS: dict[str, tuple[float, ...]] = {",
    ]
    for part, values in trims.items():
        lines.append(f'    "{part}": (')
        rows = [values[at : at + _ROW] for at in range(0, len(values), _ROW)]
        lines += [f"        {', '.join(map(str, row))}," for row in rows]
        lines.append("    ),")
    lines += [
        "}  # fmt: skip",
        '"""The dB that make the programs of a part equally loud; drum kits stand at the program that calls them."""',
    ]
    return "\n".join(lines) + "\n"
