"""``sideman-lab evaluate entries``: the first beat of the band and its last chord, however late the band's process is.

Known tunes are traded: STOP on the closing downbeat and PLAY so many beats later (0: PLAY alone), the form once round
and a bar more, PLAY for the ending. For each latency of the band's answers (the last one: it never answers):

* **first beat alien**: jams whose first chord, on beat one or later, is not the form's there the next time round
* **sounds on one**: jams in which a chord sounds on beat one
* **joins on a beat**: jams in which the bass comes in on a beat
* **ends at home**: jams whose last bass note is the tonic of the tune, and of the key the box named
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sideman.band.harmony import parsed_key
from sideman.music.chords import parse_chord
from sideman.music.meter import FRAME_TICKS
from sideman_lab.offline import SECOND
from sideman_lab.tunes.play import started
from sideman_lab.tunes.read import read_half

if TYPE_CHECKING:
    from sideman.music.meter import Meter
    from sideman_lab.tunes.read import KnownTune

LATENCIES_MS = (0, 50, 300, 2000, None)
GAPS = (0, 1, 8)
"""Beats between STOP and PLAY."""


@dataclass(frozen=True, slots=True)
class Entry:
    """How one jam began and ended; None where no chord sounded at all."""

    alien: bool | None
    on_one: bool
    on_beat: bool
    home: bool | None
    home_named: bool | None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of ``sideman-lab evaluate entries``."""
    parser.add_argument("--tunes", type=int, help="the first so many of the half `report` only")
    parser.add_argument("--json", action="store_true", help="print one object")


def run(args: argparse.Namespace) -> int:
    """Measure and print; 0 always: no gate."""
    tunes = read_half("report")[: args.tunes]
    rows = []
    for latency in LATENCIES_MS:
        for gap in GAPS:
            found = [entry(tune, latency, gap) for tune in tunes]
            rows.append({"latency_ms": latency, "gap_beats": gap} | summary(found))
            if not args.json:
                print(line(rows[-1]), flush=True)
    if args.json:
        print(json.dumps({"tunes": len(tunes), "rows": rows}))
    return 0


def entry(tune: KnownTune, latency_ms: int | None, gap: int) -> Entry:
    """One jam."""
    latency = None if latency_ms is None else latency_ms * SECOND // 1000
    box, _, at = started(tune, "trade", latency=latency)
    n, bar = len(tune.plain), tune.meter.bar_frames
    play = n + gap * tune.meter.beat_ticks // FRAME_TICKS
    if gap:
        box.press(at(n), "STOP")
    box.press(at(play), "PLAY")
    box.run(at(play) + SECOND // 2)
    origin = box.conductor.jam.session.origin
    box.run(at(play + n + bar + bar // 2))
    jam = box.conductor.jam
    form = jam.session.material.frames if jam.session.material is not None else n
    box.press(at(play + n + bar + bar // 2) + SECOND // 50, "PLAY")
    box.run(at(play + n + 8 * bar))
    jam = box.conductor.jam
    chords = [(onset, size, parse_chord(label)) for onset, size, label in jam.recorder.chords]
    chords = [each for each in chords if each[2] is not None]
    if not chords:
        return Entry(None, False, False, None, None)
    first, _, chord = chords[0]
    later = next((c for onset, size, c in chords if onset <= first + form < onset + size), None)
    alien = later is not None and chord is not None and later.triad != chord.triad
    basses = sorted((note.on, note.pitch % 12) for note in jam.recorder.band if note.part == "bass")
    last = basses[-1][1] if basses else None
    named = parsed_key(jam.session.material.key) if jam.session.material is not None else None
    return Entry(
        alien,
        first == origin,
        bool(basses) and _on_beat(basses[0][0] - origin * FRAME_TICKS, tune.meter),
        last == tune.key[0],
        None if named is None or last is None else last == named[0],
    )


def _on_beat(tick: int, meter: Meter) -> bool:
    within = tick % meter.bar_ticks
    return min(abs(within - beat) for beat in (*meter.beats, meter.bar_ticks)) < FRAME_TICKS // 4


def summary(found: list[Entry]) -> dict[str, Any]:
    """Shares of the jams, and how many never had a chord."""
    sounded = [each for each in found if each.alien is not None]
    named = [each for each in sounded if each.home_named is not None]

    def share(values: list[bool | None]) -> float | None:
        return round(sum(map(bool, values)) / len(values), 3) if values else None

    return {
        "jams": len(found),
        "silent": len(found) - len(sounded),
        "alien": sum(bool(each.alien) for each in sounded),
        "on_one": share([each.on_one for each in found]),
        "on_beat": share([each.on_beat for each in sounded]),
        "home": share([each.home for each in sounded]),
        "home_named": share([each.home_named for each in named]),
    }


def line(row: dict[str, Any]) -> str:
    """A row as it is printed."""
    latency = "never" if row["latency_ms"] is None else f"{row['latency_ms']} ms"
    return (
        f"answers after {latency:>8}, PLAY {row['gap_beats']} beats after STOP: first beat alien {row['alien']} of "
        f"{row['jams']}, sounds on one {row['on_one']}, joins on a beat {row['on_beat']}, "
        f"ends at home {row['home']} (in the key named {row['home_named']})"
    )
