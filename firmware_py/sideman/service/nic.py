"""Note-in-chord of a take beside its trivial baselines (a bare figure would mean nothing).

NiC is the share of 16th frames, of those in which both sound, whose melody pitch class is in the chord's triad (of a
power chord: its root and fifth).
"""

from __future__ import annotations

from collections.abc import Sequence

from sideman.jam.take_data import TakeNote
from sideman.music.chords import TRIADS, Chord, parse_chord
from sideman.music.harmony import estimate_key
from sideman.music.meter import FRAME_TICKS

GREEDY_FRAMES = 32


def note_in_chord(notes: Sequence[TakeNote], chords: Sequence[tuple[int, int, str]]) -> dict[str, object]:
    """NiC of the take's chords and of what a drone or a histogram would have got on the same frames.

    Args:
        notes: The player's notes in ticks.
        chords: (onset, frames, Harte label), in 16ths.

    Returns:
        ``{"take": share or None, "frames": n, "baselines": {name: share}}``; the drone with hindsight is a reference,
        not causal.
    """
    melody = _melody(notes)
    played: dict[int, tuple[int, ...]] = {}
    for onset, length, label in chords:
        chord = parse_chord(label)
        if chord is not None:
            played.update(dict.fromkeys(range(onset, onset + length), chord.core))
    frames = sorted(set(melody) & set(played))
    if not frames:
        return {"take": None, "frames": 0, "baselines": {}}
    n = len(frames)
    take = sum(melody[f] in played[f] for f in frames) / n
    hindsight = max(sum(melody[f] in t.pitch_classes for f in frames) for t in TRIADS[:24]) / n
    return {
        "take": round(take, 3),
        "frames": n,
        "baselines": {
            "drone, hindsight (reference)": round(hindsight, 3),
            "drone, online key": round(_online_drone(melody, frames), 3),
            "greedy histogram": round(_greedy(melody, frames), 3),
        },
    }


def _melody(notes: Sequence[TakeNote]) -> dict[int, int]:
    """Pitch class by frame: the latest onset wins."""
    melody: dict[int, int] = {}
    for tick, duration, pitch, _ in sorted(notes):
        first = (tick + FRAME_TICKS // 2) // FRAME_TICKS
        last = max(first + 1, (tick + duration + FRAME_TICKS // 2) // FRAME_TICKS)
        melody.update(dict.fromkeys(range(first, last), pitch % 12))
    return melody


def _online_drone(melody: dict[int, int], frames: list[int]) -> float:
    counts, hits = [0.0] * 12, 0
    heard = iter(sorted(melody))
    upcoming = next(heard, None)
    for frame in frames:
        while upcoming is not None and upcoming < frame:
            counts[melody[upcoming]] += 1
            upcoming = next(heard, None)
        if any(counts):
            tonic, mode, _ = estimate_key(counts)
            hits += melody[frame] in Chord(tonic, mode).pitch_classes
    return hits / len(frames)


def _greedy(melody: dict[int, int], frames: list[int]) -> float:
    hits = 0
    chord = TRIADS[0]
    for frame in frames:
        if frame % 4 == 0:
            recent = [melody[f] for f in range(frame - GREEDY_FRAMES, frame) if f in melody]
            if recent:
                chord = max(TRIADS[:24], key=lambda t: sum(pc in t.pitch_classes for pc in recent))
        hits += melody[frame] in chord.pitch_classes
    return hits / len(frames)
