"""Open Hymnal: hymns in four parts (public domain): the upper voice, and chords derived from all parts.

The scores have no chord symbols. Each beat is scored against every triad by what sounds in it (passing tones weigh
little: they are short), then one path of chords is sought through the piece: a chord may begin on a bar or half-bar
cheaply, on another beat only where the beats before and after leave no doubt. So a hymn that moves a chord a beat comes
out as the plain harmony a band would play under it.
"""

from __future__ import annotations

import tarfile
from fractions import Fraction
from itertools import chain, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sideman.music.chords import QUALITIES, Chord, parse_chord
from sideman.music.meter import TICKS_PER_QUARTER, Meter, MeterError
from sideman_lab.data.abc import Note, Score, read_score
from sideman_lab.data.pop909 import DataMissingError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ARCHIVE = Path("openhymnal") / "openhymnal.tar.gz"
HALVED = {(6, 4): (3, 4), (8, 4): (4, 4)}
"""Meters of two bars in one: their strong beats are those of the half."""
VOCABULARY = {"maj": 0.0, "min": 0.0, "dim": 0.15, "7": 0.05}
"""The plain chords, and how much better a rarer one has to explain a beat."""
ROOT_BELOW, FIFTH_BELOW = 0.2, -0.25
"""For the root in the bass; for a second inversion, which stands for the chord it leans on."""
MISSING = (0.25, 0.3, 0.05, 0.2)
"""Lost where root, third, fifth or seventh does not sound."""
ON_BAR, ON_HALF, ON_BEAT = 0.2, 0.4, 1.5
"""What a change of chord costs where it falls, in beats fully explained."""
MINOR_FINALS = (9, 2, 4)
"""Semitones of such a final above the signature's major tonic."""
STRAY = 2
"""Bar lines off the meter (the last short bar is one): more, and the score is not in one meter."""
SHORTEST = Fraction(1, 16)


def read(data_dir: Path) -> Iterator[dict[str, Any]]:
    """Read every hymn in one meter, in the order of their names.

    Args:
        data_dir: Folder that holds ``openhymnal/``.

    Raises:
        DataMissingError: The archive is not there.
    """
    archive = Path(data_dir) / ARCHIVE
    if not archive.exists():
        raise DataMissingError(f"{archive} is not there: give the folder that holds {ARCHIVE.parent}/ with --data")
    with tarfile.open(archive) as tar:
        for member in sorted(tar, key=lambda m: m.name):
            stream = tar.extractfile(member) if member.name.endswith(".abc") else None
            if stream is not None:
                text = stream.read().decode("utf-8", "replace")
                piece = hymn(f"openhymnal-{Path(member.name).stem}", read_score(text))
                if piece is not None:
                    yield piece


def hymn(piece_id: str, score: Score) -> dict[str, Any] | None:
    """One hymn in the common form; None without a meter that the band plays or without a melody.

    Returns:
        The piece, times in 16ths from the first bar line, with its ``key`` (``G:maj``).
    """
    top = next((v for name, v in score.voices.items() if name.startswith("S1") and v.notes), None)
    if top is None or score.meter is None:
        return None
    try:
        meter = Meter(*HALVED.get(score.meter, score.meter))
    except MeterError:
        return None
    bar = Fraction(meter.bar_ticks, TICKS_PER_QUARTER)
    written = Fraction(4 * score.meter[0], score.meter[1])
    pickup = (top.bars[0] if top.bars else Fraction(0)) % written
    if sum((line - pickup) % bar != 0 for line in top.bars) > STRAY:
        return None
    pickup %= bar
    parts = [(o - pickup, e - pickup, p) for v in score.voices.values() for o, e, p in chain(v.notes, v.overlaid)]
    chords = harmony(parts, meter, -pickup)
    piece: dict[str, Any] = {
        "id": piece_id,
        "meter": [meter.numerator, meter.denominator],
        "key": key_of(score.fifths, chords[-1][2]),
        "melody": [[_frames(o - pickup), _frames(e - o), p] for o, e, p in _line(top.notes)],
        "chords": [[_frames(o), _frames(d), label] for o, d, label in chords],
    }
    if pickup:
        piece["pickup"] = _frames(pickup)
    return piece


def key_of(fifths: int, last: str) -> str:
    """Key of a signature; minor where the last chord stands on its sixth, second or third degree.

    Those are the finals of the minor, the Dorian and the Phrygian mode, often with a raised third at the end.
    """
    tonic, final = fifths * 7 % 12, parse_chord(last)
    if final is not None and (final.root - tonic) % 12 in MINOR_FINALS:
        return Chord(final.root, "min").label
    return Chord(tonic).label


def harmony(parts: Sequence[Note], meter: Meter, start: Fraction) -> list[tuple[Fraction, Fraction, str]]:
    """Onset, length (quarters) and label of the plain chords under four parts.

    Args:
        parts: What sounds, quarters from the first bar line.
        meter: The meter.
        start: Where the piece begins: 0, or below it with a pickup.
    """
    cuts = _beats(meter, start, max(end for _, end, _ in parts))
    scores = [_fits(parts, a, b) for a, b in pairwise(cuts)]
    names = list(scores[0])
    best = {name: scores[0][name] for name in names}
    came: list[dict[Chord, Chord]] = []
    for at, fits in zip(cuts[1:], scores[1:], strict=False):
        champion = max(names, key=best.__getitem__)
        change = best[champion] - _change(meter, at)
        came.append({name: name if best[name] >= change else champion for name in names})
        best = {name: max(best[name], change) + fits[name] for name in names}
    path = [max(names, key=best.__getitem__)]
    for back in reversed(came):
        path.append(back[path[-1]])
    out: list[tuple[Fraction, Fraction, str]] = []
    for a, b, chord in zip(cuts, cuts[1:], reversed(path), strict=False):
        if out and out[-1][2] == chord.label:
            out[-1] = (out[-1][0], out[-1][1] + b - a, chord.label)
        else:
            out.append((a, b - a, chord.label))
    return out


def _beats(meter: Meter, start: Fraction, end: Fraction) -> list[Fraction]:
    """Beats from the start to the end of the piece, both included."""
    bar = Fraction(meter.bar_ticks, TICKS_PER_QUARTER)
    within = [Fraction(tick, TICKS_PER_QUARTER) for tick in meter.beats]
    bars = range(start // bar, end // bar + 1)
    return [start, *(at for n in bars for b in within if start < (at := n * bar + b) < end), end]


def _change(meter: Meter, at: Fraction) -> float:
    tick = int(at * TICKS_PER_QUARTER) % meter.bar_ticks
    return ON_BAR if tick == 0 else ON_HALF if tick in meter.strong else ON_BEAT


def _fits(parts: Sequence[Note], start: Fraction, stop: Fraction) -> dict[Chord, float]:
    """How well each plain chord explains a beat, by its length in quarters."""
    weights, lowest = [0.0] * 12, None
    for onset, end, pitch in parts:
        length = float(min(end, stop) - max(onset, start))
        if length > 0:
            weights[pitch % 12] += length
            # The bass of the beat is what sounds at its start, not what passes after it.
            if onset <= start and (lowest is None or pitch < lowest):
                lowest = pitch
    total = sum(weights)
    found = {}
    for quality, cost in VOCABULARY.items():
        for root in range(12):
            tones = [(root + step) % 12 for step in QUALITIES[quality]]
            fit = sum(weights[pc] for pc in tones) / total - cost if total else 0.0
            fit -= sum(lost for pc, lost in zip(tones, MISSING, strict=False) if total and not weights[pc])
            if lowest is not None:
                fit += ROOT_BELOW * (lowest % 12 == root) + FIFTH_BELOW * (lowest % 12 == tones[2])
            found[Chord(root, quality)] = fit * float(stop - start)
    return found


def _line(notes: Sequence[Note]) -> list[Note]:
    """One note at a time: the top of what begins together, cut where the next begins."""
    tops: dict[Fraction, Note] = {}
    for onset, end, pitch in notes:
        if end - onset >= SHORTEST and (onset not in tops or pitch > tops[onset][2]):
            tops[onset] = (onset, end, pitch)
    line = [tops[at] for at in sorted(tops)]
    later = [note[0] for note in line[1:]]
    return [(o, min(e, n), p) for (o, e, p), n in zip(line, [*later, line[-1][1]], strict=True)]


def _frames(quarters: Fraction) -> float:
    """Quarters as 16ths."""
    frames = quarters * 4
    return int(frames) if frames.denominator == 1 else round(float(frames), 4)
