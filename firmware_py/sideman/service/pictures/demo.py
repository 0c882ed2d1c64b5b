"""A made-up jam to look at the pictures with: ``python -m sideman.service.pictures.demo OUT``."""

from __future__ import annotations

import sys
from pathlib import Path

from sideman.music.meter import Meter
from sideman.service.pictures.roll import Note, RollData, piano_roll

_Q, _BAR = 960, 3840
_CHORDS = ("A:min7", "F:maj7", "C:maj", "G:7")
_ROOTS = (45, 41, 36, 43)


def demo_data() -> RollData:
    """Four bars alone, then eight with the band, one of ending."""
    notes: dict[str, list[Note]] = {part: [] for part in ("player", "solo", "chords", "bass", "drums")}
    for bar in range(8):
        for step in range(6):
            tick = bar * _BAR + step * 600 + (step % 2) * 40
            notes["player"].append((tick, 420, 57 + (bar * 5 + step * 7) % 17, 60 + step * 9))
    for bar in range(4, 12):
        start, root = bar * _BAR, _ROOTS[bar % 4]
        for beat in range(4):
            notes["bass"].append((start + beat * _Q, 800, root + (0, 0, 7, 5)[beat], 92))
            notes["drums"].append((start + beat * _Q, 120, 36 if beat % 2 == 0 else 38, 110))
            notes["drums"] += [(start + beat * _Q + half * 480, 120, 42, 84 - 30 * half) for half in (0, 1)]
        for third in (0, 3, 7, 10):
            notes["chords"].append((start, 1800, root + 12 + third, 70))
            notes["chords"].append((start + 2 * _Q, 1600, root + 12 + third, 58))
        if bar >= 8:
            notes["solo"] += [
                (start + step * 480, 400, 69 + (bar * 3 + step * 5) % 12, 70 + step * 6) for step in range(8)
            ]
    notes["drums"].append((12 * _BAR, 120, 49, 120))
    notes["bass"].append((12 * _BAR, _BAR, 45, 100))
    spans = ((0, 4 * _BAR, "listen"), (4 * _BAR - 240, 4 * _BAR, "commit"), (4 * _BAR, 12 * _BAR, "play"))
    ending = ((12 * _BAR, 13 * _BAR, "ending"),)
    chords = tuple((bar * 16, 16, _CHORDS[bar % 4]) for bar in range(4, 12))
    title = "made-up jam  ·  96 BPM  ·  4/4  ·  A minor"
    return RollData(notes, chords, spans + ending, Meter(), 0, title)


def main(argv: list[str]) -> int:
    """Write ``roll.png`` into a folder."""
    out = Path(argv[0] if argv else ".")
    out.mkdir(parents=True, exist_ok=True)
    piano_roll(demo_data(), out / "roll.png")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
