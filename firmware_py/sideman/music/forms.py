"""Forms that a player gives: so many bars, or twelve bars of blues in a key, in any meter.

The blues follows the practice that any band knows: tonic, fourth, tonic, fifth, fourth, tonic; with more wanted a turn
to the fourth in bar 2, a turnaround, the ii-V and the diminished chord of jazz. Nothing here is drawn by lot.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sideman.music.chords import Chord, pitch_class
from sideman.music.harmony import ChordSpan
from sideman.music.meter import FRAME_TICKS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sideman.music.harmony import Key
    from sideman.music.meter import Meter

BLUES = "blues"
BLUES_BARS = 12
SURE = 0.75
"""Confidence of a chord that stands by the form alone."""

_I, _II, _III, _SIV, _IV, _V, _VI, _BVI = 0, 2, 4, 6, 5, 7, 9, 8
Bar = tuple[tuple[int, str], ...]
"""One or two chords of a bar: semitones above the tonic and quality."""


def _bars(*bars: str) -> tuple[Bar, ...]:
    """Bars as text, two chords with a space between: ``"I7 VI7"``."""
    steps = {"I": _I, "II": _II, "III": _III, "IV": _IV, "#IV": _SIV, "V": _V, "VI": _VI, "bVI": _BVI}
    kinds = {"": "maj", "m": "min", "m7": "min7", "7": "7", "o7": "dim7", "h7": "hdim7"}
    made: list[Bar] = []
    for bar in bars:
        pairs = []
        for chord in bar.split():
            step = max((name for name in steps if chord.startswith(name)), key=len)
            pairs.append((steps[step], kinds[chord.removeprefix(step)]))
        made.append(tuple(pairs))
    return tuple(made)


MAJOR = (
    _bars("I", "I", "I", "I", "IV", "IV", "I", "I", "V", "IV", "I", "I"),
    _bars("I7", "I7", "I7", "I7", "IV7", "IV7", "I7", "I7", "V7", "IV7", "I7", "V7"),
    _bars("I7", "IV7", "I7", "I7", "IV7", "IV7", "I7", "I7", "V7", "IV7", "I7 IV7", "I7 V7"),
    _bars("I7", "IV7", "I7", "I7", "IV7", "#IVo7", "I7", "VI7", "IIm7", "V7", "I7 VI7", "IIm7 V7"),
)
"""The blues in major for each complexity: triads; sevenths with the fifth at the end; quick change; of jazz."""
MINOR = (
    _bars("Im", "Im", "Im", "Im", "IVm", "IVm", "Im", "Im", "V", "IVm", "Im", "Im"),
    _bars("Im7", "Im7", "Im7", "Im7", "IVm7", "IVm7", "Im7", "Im7", "bVI7", "V7", "Im7", "V7"),
    _bars("Im7", "IVm7", "Im7", "Im7", "IVm7", "IVm7", "Im7", "Im7", "bVI7", "V7", "Im7 IVm7", "Im7 V7"),
    _bars("Im7", "IVm7", "Im7", "I7", "IVm7", "IVm7", "Im7", "Im7", "IIh7", "V7", "Im7 bVI7", "IIh7 V7"),
)
"""The same in minor."""

_MAJOR_LINE = (5.0, -2.0, 0.5, 2.0, 2.0, 2.0, 0.8, 3.5, -2.0, 0.8, 2.5, -1.5)
"""How well each pitch class above a tonic fits a blues line on dominant chords."""
_MINOR_LINE = (5.0, -2.0, 1.0, 2.5, -2.0, 2.0, 0.5, 3.5, 1.0, -1.0, 2.0, 0.3)
"""The same on minor chords, where the line has a flat sixth and no major third."""


def bars_of(form: str) -> int:
    """Bars of a form as the settings name it; 0 where none is given."""
    if form == BLUES:
        return BLUES_BARS
    return int(form) if form.isdecimal() else 0


def key_of(text: str) -> Key | None:
    """``A min`` as a tonic and a mode; None for an empty text or one that is no key."""
    name, _, mode = text.partition(" ")
    try:
        return pitch_class(name), "min" if mode.startswith("min") else "maj"
    except ValueError:
        return None


def blues_key(histogram: Sequence[float], begins: int | None = None) -> Key:
    """The key of a blues line: its flat third is no minor key, and its flat seventh no other one.

    Args:
        histogram: Weight of each pitch class.
        begins: Pitch class on the first downbeat, which counts a little more.
    """
    total = sum(histogram) or 1.0
    best, found = float("-inf"), (0, False)
    for tonic in range(12):
        turned = [histogram[(tonic + step) % 12] for step in range(12)]
        minor = turned[3] > 0 and turned[4] < 0.1 * turned[3] and turned[8] > turned[9]
        profile = _MINOR_LINE if minor else _MAJOR_LINE
        score = sum(w * fit for w, fit in zip(turned, profile, strict=True)) / total + 0.3 * (begins == tonic)
        if score > best + 1e-9:
            best, found = score, (tonic, minor)
    return found[0], "min" if found[1] else "maj"


def blues(key: Key, meter: Meter, complexity: int = 1) -> tuple[ChordSpan, ...]:
    """One chorus of twelve bars from frame 0 on.

    Args:
        key: Tonic and mode.
        meter: Any; a bar without a strong beat near its middle keeps one of two chords.
        complexity: 0-3, see ``MAJOR``.
    """
    table = (MAJOR if key[1] == "maj" else MINOR)[min(max(complexity, 0), 3)]
    half, size = _middle(meter), meter.bar_frames
    out: list[ChordSpan] = []
    for number, bar in enumerate(table):
        chords = [Chord((key[0] + step) % 12, quality) for step, quality in bar]
        cuts = [0, half] if half and len(chords) > 1 else [0]
        for place, cut in enumerate(cuts):
            last = number == BLUES_BARS - 1 and len(cuts) < len(chords)  # the way back wins over where it comes from
            chord = chords[-1 if last else place]
            end = cuts[place + 1] if place + 1 < len(cuts) else size
            onset = number * size + cut
            if out and out[-1].chord == chord:
                out[-1] = ChordSpan(out[-1].onset, onset + end - cut - out[-1].onset, chord, SURE)
            else:
                out.append(ChordSpan(onset, end - cut, chord, SURE))
    return tuple(out)


def given(form: str, key: Key, meter: Meter, origin: int, start: int, end: int, complexity: int) -> list[ChordSpan]:
    """The chords of a given form over a window of frames; none where the form does not say them.

    Args:
        form: As the settings name it; only ``blues`` has chords of its own.
        key: Of the blues.
        meter: The meter.
        origin: Frame of a chorus's beat one.
        start: First frame of the window.
        end: The frame after its last one.
        complexity: 0-3.
    """
    if form != BLUES or end <= start:
        return []
    chorus, length = blues(key, meter, complexity), BLUES_BARS * meter.bar_frames
    out = []
    for turn in range((start - origin) // length, (end - 1 - origin) // length + 1):
        for span in chorus:
            low = max(start, origin + turn * length + span.onset)
            high = min(end, origin + turn * length + span.end)
            if low < high:
                out.append(ChordSpan(low, high - low, span.chord, SURE))
    return out


def _middle(meter: Meter) -> int:
    """Frame of the group's beat nearest the middle of the bar, 0 where none is near it."""
    size = meter.bar_frames
    near = [tick // FRAME_TICKS for tick in meter.groups if size // 3 <= tick // FRAME_TICKS <= size - size // 3]
    return min(near, key=lambda frame: abs(2 * frame - size), default=0)
