"""``python -m sideman_lab.voicings DATA``: how far the comper's voices travel, beside root position. No model runs.

The human chords of POP909's validation songs are voiced one after another in each shape, off the register of the song's
melody. A change's cost is the semitones a voice travels: voices paired from below where both chords have as many, else
each to the nearest of the other chord. Beside it stand root position in the same window and root position on C3 as the
seed plays it (``seeds.md`` RJ16). With ``--takes`` the same is measured on the comper's part of recorded takes, with
what collides in them: bass and hand in one bar, semitones between the hand and a note of player or soloist that sounds.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mido

from sideman.music.chords import parse_chord
from sideman.music.voicing import HIGH, LOW, motion, tones, voice, window
from sideman_lab.cli import data_folder
from sideman_lab.data.pop909 import read
from sideman_lab.metrics import bootstrap_ci
from sideman_lab.splits import side

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sideman.music.chords import Chord

SHAPES = ("close", "open", "shell", "power")
_SHORTEST = 60
"""Ticks (960 a quarter) that two notes must sound together to rub."""
_EIGHTH, _HELD = 420, 800
"""Ticks of an eighth and of a held note (a quarter), each a little short as people play."""
Hand = tuple[int, ...]
Tune = list[tuple[int, int, int]]
"""Onset, end and pitch of each note, in ticks or 16ths."""


@dataclass
class Row:
    """One way of voicing: a figure a piece.

    Attributes:
        cost: Semitones a voice travels at a change.
        kept: Share of the pitch classes that two neighbours share which stay at their pitch.
        pitches: Every pitch struck.
        outside: Share of pitches outside the hand's window.
        rubs: Share of chords with a voice a semitone from a melody note under it.
    """

    cost: list[float] = field(default_factory=list)
    kept: list[float] = field(default_factory=list)
    pitches: list[int] = field(default_factory=list)
    outside: list[float] = field(default_factory=list)
    rubs: list[float] = field(default_factory=list)

    def add(self, hands: Sequence[Hand], bounds: tuple[int, int], melodies: Sequence[set[int]]) -> None:
        """Measure a piece: its voicings, the window they ought to lie in, the melody's pitches over each."""
        moves = [(a, b) for a, b in pairwise(hands) if a != b]
        if not moves:
            return
        shared = [({p % 12 for p in a} & {p % 12 for p in b}, set(a) & set(b)) for a, b in moves]
        common = sum(len(classes) for classes, _ in shared)
        stayed = sum(len({p % 12 for p in same} & classes) for classes, same in shared)
        every = [pitch for hand in hands for pitch in hand]
        self.cost.append(sum(travelled(a, b) for a, b in moves) / len(moves))
        if common:
            self.kept.append(stayed / common)
        self.pitches += every
        self.outside.append(sum(not bounds[0] <= p <= bounds[1] for p in every) / len(every))
        rubbing = [any(abs(p - m) == 1 for p in hand for m in tune) for hand, tune in zip(hands, melodies, strict=True)]
        self.rubs.append(sum(rubbing) / len(rubbing))

    def figures(self) -> dict[str, Any]:
        """Means over the pieces with bootstrap intervals of 95 %."""
        return {
            "cost": _with_ci(self.cost),
            "common_tones_kept": _with_ci(self.kept),
            "outside_window": _with_ci(self.outside),
            "semitone_with_melody": _with_ci(self.rubs),
            "lowest": min(self.pitches, default=0),
            "highest": max(self.pitches, default=0),
            "pieces": len(self.cost),
        }


def travelled(one: Hand, other: Hand) -> float:
    """Semitones that a voice travels from one voicing to the next."""
    if len(one) == len(other):
        return sum(abs(a - b) for a, b in zip(sorted(one), sorted(other), strict=True)) / len(one)
    return motion(one, other) / max(len(one), len(other))


def _with_ci(rows: Sequence[float]) -> list[float]:
    if not rows:
        return [0.0, 0.0, 0.0]
    low, high = bootstrap_ci(rows)
    return [round(x, 4) for x in (sum(rows) / len(rows), low, high)]


def seed_position(chord: Chord) -> Hand:
    """Root position on the octave of C3: the root from C3 on, every other tone above the one before."""
    out = [48 + chord.root]
    for pc in tones(chord)[1:]:
        out.append(out[-1] + ((pc - out[-1]) % 12 or 12))
    return tuple(out)


def measured(pieces: Iterable[dict[str, Any]]) -> dict[str, Row]:
    """Every shape and the two baselines over some pieces."""
    rows = {name: Row() for shape in SHAPES for name in (shape, f"{shape}, root position")} | {"seed (RJ16)": Row()}
    for piece in pieces:
        spans = [(onset, onset + length, parse_chord(label)) for onset, length, label in piece["chords"]]
        named = [(a, b, chord) for a, b, chord in spans if chord is not None]
        melody: Tune = [(onset, onset + length, pitch) for onset, length, pitch in piece["melody"]]
        bounds = window(pitch for _, _, pitch in melody)
        over = [{pitch for on, off, pitch in melody if on < b and off > a} for a, b, _ in named]
        for shape in SHAPES:
            led: list[Hand] = []
            for _, _, chord in named:
                led.append(voice(chord, led[-1] if led else (), *bounds, shape=shape))
            rows[shape].add(led, bounds, over)
            fixed = [voice(chord, (), *bounds, smooth=False, shape=shape) for _, _, chord in named]
            rows[f"{shape}, root position"].add(fixed, bounds, over)
        rows["seed (RJ16)"].add([seed_position(chord) for _, _, chord in named], bounds, over)
    return rows


# takes -------------------------------------------------------------------------------------------------------------


def take_rows(files: Iterable[Path]) -> tuple[Row, dict[str, Any]]:
    """The comper's part of recorded takes, and what collides in them."""
    row, bars, crossed, struck, rubbed = Row(), 0, 0, 0, 0
    sung, clashing = [0, 0], [0, 0]
    for path in files:
        parts, bar = _parts(mido.MidiFile(path))
        if "drums" not in parts:
            continue  # a lead sheet beside a take
        hands = _strikes(parts.get("chords", []))
        row.add([hand for _, hand in hands], (LOW, HIGH), [set() for _ in hands])
        bass = parts.get("bass", [])
        for start in sorted({on // bar for on, _, _ in bass} & {on // bar for on, _ in hands}):
            deep = [p for on, _, p in bass if on // bar == start]
            high = [p for on, hand in hands if on // bar == start for p in hand]
            bars += 1
            crossed += max(deep) >= min(high)
        others = [*parts.get("player", []), *parts.get("solo", [])]
        for on, off, pitch in parts.get("chords", []):
            near = [n for n in others if abs(n[2] - pitch) == 1]
            struck += 1
            rubbed += any(min(off, o[1]) - max(on, o[0]) >= _SHORTEST for o in near)
        for kind, shortest in enumerate((_EIGHTH, _HELD)):
            notes = [n for n in others if n[1] - n[0] >= shortest]
            sung[kind] += len(notes)
            clashing[kind] += sum(_clashes(note, parts.get("chords", []), shortest) for note in notes)
    return row, {
        "bars_with_bass_and_hand": bars,
        "bars_where_they_cross": crossed,
        "notes_of_the_hand": struck,
        "a_semitone_from_player_or_soloist": round(rubbed / struck, 4) if struck else 0.0,
        "melody_notes_that_rub": round(clashing[0] / sung[0], 4) if sung[0] else 0.0,
        "held_notes_that_rub": round(clashing[1] / sung[1], 4) if sung[1] else 0.0,
    }


def _clashes(note: tuple[int, int, int], hand: Tune, shortest: int) -> bool:
    """Whether a note of the hand a semitone away, in any octave, sounds so long with a melody note."""
    on, off, pitch = note
    near = [n for n in hand if (n[2] - pitch) % 12 in (1, 11)]
    return any(min(off, n[1]) - max(on, n[0]) >= shortest for n in near)


def _parts(file: Any) -> tuple[dict[str, Tune], int]:
    """Notes of each track by its name in ticks of 960 a quarter, and the first bar's length."""
    scale, bar = 960 / file.ticks_per_beat, 4 * 960
    out: dict[str, Tune] = {}
    for track in file.tracks:
        now, name = 0, ""
        begun: dict[int, int] = {}
        for message in track:
            now += message.time
            if message.type == "track_name":
                name = message.name
            elif message.type == "time_signature" and now == 0:
                bar = 4 * 960 * message.numerator // message.denominator
            elif message.type == "note_on" and message.velocity:
                begun[message.note] = now
            elif message.type in ("note_off", "note_on") and message.note in begun:
                on = begun.pop(message.note)
                out.setdefault(name, []).append((round(on * scale), round(now * scale), message.note))
    return {name: sorted(notes) for name, notes in out.items()}, bar


def _strikes(notes: Tune) -> list[tuple[int, Hand]]:
    """Whole chords (three notes and more at once) in order."""
    by_onset: dict[int, list[int]] = {}
    for on, _, pitch in notes:
        by_onset.setdefault(on, []).append(pitch)
    return [(on, tuple(sorted(found))) for on, found in sorted(by_onset.items()) if len(found) > 2]


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table; 1 when a shape travels farther than root position or leaves its window."""
    parser = argparse.ArgumentParser(prog="python -m sideman_lab.voicings", description=__doc__)
    parser.add_argument("data", nargs="?", help="folder with the data sets (default: $SIDEMAN_DATA)")
    parser.add_argument("--takes", nargs="*", type=Path, default=[], help="MIDI files of takes, or folders of them")
    parser.add_argument("--json", action="store_true", help="print one object")
    args = parser.parse_args(argv)
    pieces = [piece for piece in read(data_folder(args.data)) if side(str(piece["id"])) == "validation"]
    rows = measured(pieces)
    found: dict[str, Any] = {name: row.figures() for name, row in rows.items()}
    files = [f for given in args.takes for f in (sorted(given.rglob("*.mid")) if given.is_dir() else [given])]
    if files:
        row, collisions = take_rows(files)
        found["takes"] = row.figures() | collisions
    print(json.dumps(found, indent=1) if args.json else table(found))
    return int(any(not _good(found, shape) for shape in SHAPES))


def _good(found: dict[str, Any], shape: str) -> bool:
    mine, other = found[shape], found[f"{shape}, root position"]
    return bool(mine["cost"][0] <= other["cost"][0] and mine["outside_window"][0] == 0)


def table(found: dict[str, Any]) -> str:
    """The figures as text."""
    head = f"{'semitones a voice a change':30} {'cost (95 %)':>22} {'common tones kept':>22} {'range':>8}"
    lines = [f"{head} {'outside':>8} {'semitone with melody':>21}"]
    for name, row in found.items():
        cost, kept = ("{:.3f} ({:.3f}-{:.3f})".format(*row[key]) for key in ("cost", "common_tones_kept"))
        lines.append(
            f"{name:30} {cost:>22} {kept:>22} {row['lowest']:>4}-{row['highest']:<3} {row['outside_window'][0]:>8.3f} "
            f"{row['semitone_with_melody'][0]:>21.3f}"
        )
    if "takes" in found:
        one = found["takes"]
        lines.append(
            f"takes: {one['bars_where_they_cross']} of {one['bars_with_bass_and_hand']} bars with the bass at or above "
            f"the hand; {100 * one['a_semitone_from_player_or_soloist']:.2f} % of the hand's "
            f"{one['notes_of_the_hand']} notes a semitone from a sounding note of player or soloist; "
            f"{100 * one['melody_notes_that_rub']:.1f} % of melody notes (of held ones "
            f"{100 * one['held_notes_that_rub']:.1f} %) with a chord tone a semitone away in any octave"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
