"""``sideman-lab evaluate tempo``: is the tempo of a played phrase found? On phrases nobody tuned on.

GMD rows ``validation`` (taps, bass lines), POP909 validation songs (melodies), made-up riffs in uneven meters.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sideman.music import tempo_weights
from sideman.music.meter import Meter
from sideman.music.tempo_finding import PhraseTempo, find_phrase_tempo
from sideman_lab import tempo_data, tempo_live, tempo_tunes
from sideman_lab.metrics import Metric, failures, measure, ratio, report, table
from sideman_lab.tempo_baselines import BASELINES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sideman_lab.tempo_data import Line, Phrase

SEED = 20261121
LIVE, LIVE_OVER = 120, 4
"""Plain tunes to follow through the conductor, of more bars than so many."""
SAME, ON_NS = 0.04, 70_000_000
OCTAVES = (1.0, 2.0, 0.5)
HEARD_BARS = (1.0, 2.0, 3.0, 4.0, 6.0)
SURE, SAID_RIGHT, SAID_WRONG = 0.5, 0.8, 0.6
FOUR = Meter()
CARD = Path("firmware_py") / "docs" / "tempo.md"

HEAD = """# Tempo from playing: figures

Written by `sideman-lab evaluate tempo --card`. How it is found: `sideman/music/tempo_finding.py`. The net that rates
the readings was fitted (`python -m sideman_lab.tempo_tune`) on Groove MIDI Dataset rows `train`, on POP909 songs that
are not for validation and on plain tunes; its confidence also on notes at random moments.

| | |
|---|---|
| weights | `sideman/music/tempo_weights.py`: one hidden layer of 28, for closed phrases and while playing |
| fitted on | `gmd` (CC BY 4.0), rows `train`; `pop909` with the bar lines of `pop909-structure` (MIT); made-up riffs |
| and on plain tunes | the half to choose on: `openhymnal` (public domain), `openscore-lieder` (CC0), made up |
| validation | `gmd` rows `validation`; POP909 songs whose id hashes to 0 modulo 10 |
| seeds | 100 for fitting, 20261121 for these figures |
| licence of the weights | MIT |

Here are phrases of known tempo that no weight was tuned on:

- *taps*, *bass*: grooves of the Groove MIDI Dataset, rows `validation`: the loudest hit of each 16th, or the kick
  alone; 1, 2, 4 or 8 bars from a bar line with a hit on it; tempo as in its table;
- *melody*: melodies of POP909's validation songs with their recorded timing, on the bar lines of pop909-structure
  (its notes paired with the recorded ones; songs whose notes disagree are left out); 4 or 8 bars, with their pickups;
- *late_press*: half taps, half melodies, closed 80 to 300 ms late, at most 0.45 of a beat;
- *odd_bars*: half taps, half melodies, of 3, 6 or 12 bars (a looper's usual lengths are expected more);
- *played_3_4*, *played_6_8*: what these sets hold in other meters (few pieces: see the intervals);
- *plain*: melodies in quarters and eighths (hymns, art songs, POP909 validation songs, made-up tunes: the half that
  nothing was fitted on) of 4, 8, 12 or 16 bars with their pickups, tempi drawn evenly from 72 to 160 beats a minute,
  human timing by seed;
- *synthetic*: riffs made up in other meters, 15 ms of human timing; the fit saw such riffs of other seeds.

Baselines: *looper*: whole bars between first note and press, nearest to 100 BPM; *autocorrelation*: the interval most
repeated, under a log-normal about 100 BPM; *median_interval*: the median inter-onset interval, by octaves nearest to
100 BPM; *fold*: the same by octaves within 80 to 160; *first_note*: the downbeat is the first note.

At least four notes and two a bar. The closing press is the true end ± 30 ms (Gaussian). Seed {seed}. Intervals: 95 %,
bootstrap over pieces (one piece alone has none); n counts phrases.

*octave*: the tempo, its half or its double, within 4 %; *tempo*: the right one of them; *downbeat*: within 70 ms;
*bars*: their number; *half*, *double*: the tempo found; *right_said*: right ones with a confidence of 0.8 or more;
*wrong_said*: wrong ones with less than 0.6. *follow*: still playing, after so many bars: how often the confidence is
0.5 or more (*sure*), and what is right then; *bar_line*: some bar line within 70 ms. *live*: plain tunes of 8 bars
and more through the conductor in `follow`, free tempo, in the default style: tempo and bars (within a quarter of a
beat) counted at the end, the entry on a bar of the player's.

{table}

## Confidence
"""


@dataclass(frozen=True)
class Measured:
    """A phrase and what was found in it."""

    phrase: Phrase
    found: PhraseTempo

    @property
    def tempo(self) -> bool:
        """The tempo is right."""
        return near(self.found.bpm, self.phrase.bpm)

    @property
    def octave(self) -> bool:
        """The tempo, its half or its double."""
        return octave(self.found.bpm, self.phrase.bpm)

    @property
    def downbeat(self) -> bool:
        """The first downbeat is right."""
        return abs(self.found.downbeat_ns - self.phrase.downbeat_ns) <= ON_NS

    @property
    def bar_line(self) -> bool:
        """Some bar line is right, counted in true bars (while a phrase goes on, any will do)."""
        bar = self.phrase.meter.bar_ticks / 960 * 60e9 / self.phrase.bpm
        off = (self.found.downbeat_ns - self.phrase.downbeat_ns) / bar
        return abs(off - round(off)) * bar <= ON_NS

    @property
    def bars(self) -> bool:
        """The number of bars is right."""
        return self.found.bars == self.phrase.bars


def near(bpm: float, true: float) -> bool:
    """Within 4 %."""
    return abs(bpm / true - 1) <= SAME


def octave(bpm: float, true: float) -> bool:
    """Within 4 % of the tempo, its half or its double."""
    return any(near(bpm, true * factor) for factor in OCTAVES)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of ``sideman-lab evaluate tempo``."""
    parser.add_argument("--data", help="folder with the data sets (default: $SIDEMAN_DATA)")
    parser.add_argument("--phrases", type=int, default=600, help="phrases of each kind (default: 600)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--card", action="store_true", help=f"write the figures into {CARD}")


def run(args: argparse.Namespace) -> int:
    """Measure and print."""
    from sideman_lab.cli import data_folder

    began = time.monotonic()
    folder = data_folder(None if args.data is None else str(args.data))
    sets = phrase_sets(folder, args.phrases)
    measured = {name: [_find(p, closed=True) for p in phrases] for name, phrases in sets.items()}
    follow = {
        f"{name}_{bars:g}": [_find(p, closed=False) for p in tempo_data.still_playing(sets[name], bars)]
        for name in ("taps", "melody", "plain")
        for bars in HEARD_BARS
    }
    metrics = [m for name, rows in measured.items() for m in closed_metrics(name, rows)]
    metrics += [m for name, rows in follow.items() for m in open_metrics(name, rows)]
    for bars in tempo_tunes.LENGTHS:
        some = [m for m in measured["plain"] if m.phrase.bars == bars]
        metrics.append(_metric(f"plain_{bars}_bars_tempo", some, [m.tempo for m in some]))
    metrics += live_metrics([m for m in measured["plain"] if m.phrase.bars > LIVE_OVER][:LIVE])
    calibration = {name: calibrated(measured[name]) for name in ("taps", "bass", "melody", "plain")}
    pieces = len({(m.phrase.source, m.phrase.piece) for rows in measured.values() for m in rows})
    sha = hashlib.sha256(Path(str(tempo_weights.__file__)).read_bytes()).hexdigest()
    result = report("tempo", metrics, pieces=pieces, runtime="python", model_sha256=sha)
    result |= {"seed": SEED, "phrases": {k: len(v) for k, v in measured.items()}, "calibration": calibration}
    if args.card:
        write_card(metrics, calibration)
    print(json.dumps(result) if args.json else table(metrics))
    wrong = failures(metrics)
    for clause in wrong:
        print(clause, file=sys.stderr)
    print(f"{sum(map(len, sets.values()))} phrases in {time.monotonic() - began:.0f} s", file=sys.stderr)
    return 1 if wrong else 0


def phrase_sets(folder: Path, n: int, rows: str = "validation") -> dict[str, list[Phrase]]:
    """The phrases of each kind.

    Args:
        folder: The data sets.
        n: Phrases of each of the main kinds.
        rows: ``validation``; ``train`` to tune on.
    """
    lines, songs = tempo_data.grooves(folder / "gmd", rows), tempo_data.melodies(folder, rows)

    def of(kind: str, among: Sequence[Line], test: Callable[[Meter], bool]) -> list[Line]:
        return [line for line in among if line.source == kind and test(line.meter)]

    sets = {
        "taps": tempo_data.cut(of("taps", lines, FOUR.__eq__), n, (1, 2, 4, 8), SEED),
        "bass": tempo_data.cut(of("bass", lines, FOUR.__eq__), n, (1, 2, 4, 8), SEED + 1),
        "melody": tempo_data.cut(of("melody", songs, FOUR.__eq__), n, (4, 8), SEED + 2, pickups=True),
    }
    sets["late_press"] = [
        tempo_data.late(p, SEED + i) for i, p in enumerate(sets["taps"][: n // 2] + sets["melody"][: n // 2])
    ]
    odd = (3, 6, 12)
    sets["odd_bars"] = tempo_data.cut(of("taps", lines, FOUR.__eq__), n // 2, odd, SEED + 5)
    sets["odd_bars"] += tempo_data.cut(of("melody", songs, FOUR.__eq__), n // 2, odd, SEED + 6, pickups=True)
    for meter in (Meter(3, 4), Meter(6, 8)):
        among = of("taps", lines, meter.__eq__) + of("melody", songs, meter.__eq__)
        played = tempo_data.cut(among, n // 4, (2, 4, 8), SEED + 3, pickups=True) if among else []
        if played:
            sets[f"played_{meter.numerator}_{meter.denominator}"] = played
    for meter in (Meter(3, 4), Meter(6, 8), Meter(5, 4), Meter(7, 8)):
        sets[f"synthetic_{meter.numerator}_{meter.denominator}"] = tempo_data.synthetic(meter, n // 4, SEED + 4)
    plain = tempo_tunes.tunes(folder, "report" if rows == "validation" else "choose")
    sets["plain"] = tempo_tunes.played(plain, n, SEED + 9)
    return sets


def _find(phrase: Phrase, *, closed: bool) -> Measured:
    close = phrase.close_ns if closed else None
    return Measured(phrase, find_phrase_tempo(phrase.onsets, close, phrase.meter, pitches=phrase.pitches))


def closed_metrics(name: str, rows: Sequence[Measured]) -> list[Metric]:
    """Figures of one kind of closed phrase, beside the baselines."""
    must = name in {"taps", "melody"}
    others = {key: [rule(m.phrase) for m in rows] for key, rule in BASELINES.items()}

    def beside(test: Callable[[float, float], bool]) -> dict[str, NDArray[np.float64]]:
        return {
            k: shares(rows, [test(b, m.phrase.bpm) for b, m in zip(v, rows, strict=True)]) for k, v in others.items()
        }

    return [
        _metric(f"{name}_octave", rows, [m.octave for m in rows], must=0.95 if must else None, aim=0.95,
                baselines=beside(octave)),
        _metric(f"{name}_tempo", rows, [m.tempo for m in rows], must=0.85 if must else None, aim=0.85,
                baselines=beside(near), gated=must),
        _metric(f"{name}_downbeat", rows, [m.downbeat for m in rows],
                baselines={"first_note": shares(rows, [abs(m.phrase.onsets[0][0] - m.phrase.downbeat_ns) <= ON_NS
                                                       for m in rows])}),
        _metric(f"{name}_bars", rows, [m.bars for m in rows]),
        *said_metrics(name, rows),
    ]  # fmt: skip


def said_metrics(name: str, rows: Sequence[Measured]) -> list[Metric]:
    """Half and double tempi, and what the confidence says of right and of wrong ones."""
    right, wrong = [m for m in rows if m.tempo], [m for m in rows if not m.tempo]
    found = [
        _metric(f"{name}_half", rows, [near(2 * m.found.bpm, m.phrase.bpm) for m in rows]),
        _metric(f"{name}_double", rows, [near(m.found.bpm / 2, m.phrase.bpm) for m in rows]),
    ]
    if right:
        found.append(_metric(f"{name}_right_said", right, [m.found.confidence >= SAID_RIGHT for m in right]))
    if wrong:
        found.append(_metric(f"{name}_wrong_said", wrong, [m.found.confidence < SAID_WRONG for m in wrong]))
    return found


def open_metrics(name: str, rows: Sequence[Measured]) -> list[Metric]:
    """Follow mode: how often it is sure after so many bars, and how often it is right then."""
    sure = [m for m in rows if m.found.confidence >= SURE]
    found = [
        _metric(f"follow_{name}_tempo", rows, [m.tempo for m in rows]),
        _metric(f"follow_{name}_sure", rows, [m.found.confidence >= SURE for m in rows]),
    ]
    if sure:
        found += [
            _metric(f"follow_{name}_sure_octave", sure, [m.octave for m in sure]),
            _metric(f"follow_{name}_sure_tempo", sure, [m.tempo for m in sure]),
            _metric(f"follow_{name}_sure_bar_line", sure, [m.bar_line for m in sure]),
        ]
    return found


def live_metrics(rows: Sequence[Measured]) -> list[Metric]:
    """Plain tunes through the conductor: tempo and bars counted at the end, entries on the player's bar."""
    live = [tempo_live.follow(m.phrase) for m in rows]
    entered = [(m, bool(f.entered)) for m, f in zip(rows, live, strict=True) if f.entered is not None]
    return [
        _metric("live_plain_tempo", rows, [near(f.bpm, m.phrase.bpm) for m, f in zip(rows, live, strict=True)]),
        _metric("live_plain_bar", rows, [f.bar_line for f in live]),
        _metric("live_plain_entry", [m for m, _ in entered], [hit for _, hit in entered]),
    ]


def shares(rows: Sequence[Measured], hits: Sequence[bool]) -> NDArray[np.float64]:
    """(pieces, 2): hits and phrases of each piece, so that the interval is over pieces."""
    by: dict[str, list[bool]] = {}
    for row, hit in zip(rows, hits, strict=True):
        by.setdefault(row.phrase.piece, []).append(hit)
    return np.array([(sum(v), len(v)) for v in by.values()], np.float64)


def _metric(name: str, rows: Sequence[Measured], hits: Sequence[bool], **more: object) -> Metric:
    return replace(measure(name, shares(rows, hits), statistic=ratio, **more), n=len(rows))  # type: ignore[arg-type]  # keywords of measure


def calibrated(rows: Sequence[Measured]) -> dict[str, object]:
    """Confidence against truth: expected calibration error over ten bins, and the bins."""
    bins, error = [], 0.0
    for k in range(10):
        some = [m for m in rows if k <= min(9.999, m.found.confidence * 10) < k + 1]
        if some:
            said = sum(m.found.confidence for m in some) / len(some)
            right = sum(m.tempo for m in some) / len(some)
            error += abs(said - right) * len(some) / len(rows)
            bins.append({"n": len(some), "said": round(said, 3), "right": round(right, 3)})
    return {"ece": round(error, 4), "bins": bins}


def write_card(metrics: Sequence[Metric], calibration: Mapping[str, Mapping[str, object]]) -> None:
    """Write the figures into the firmware's documentation."""
    lines = [
        HEAD.format(seed=SEED, table=table(metrics, markdown=True)),
        "| kind | expected calibration error | said → right (n) |",
        "| --- | --- | --- |",
    ]
    for name, each in calibration.items():
        bins = each["bins"] if isinstance(each["bins"], list) else []
        told = ", ".join(f"{b['said']:.2f} → {b['right']:.2f} ({b['n']})" for b in bins)
        lines.append(f"| {name} | {each['ece']} | {told} |")
    path = Path(__file__).resolve().parents[4] / CARD
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
