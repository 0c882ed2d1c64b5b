"""The piano roll of a jam: the player and every part in a lane of its own, bars and beats, states, chord names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from sideman.edges.oled_words import chord_name
from sideman.music.drumkit import PADS
from sideman.music.meter import FRAME_TICKS, Meter

Note = tuple[int, int, int, int]
"""Tick, duration in ticks, pitch, velocity."""
Colour = tuple[int, int, int]

ORDER = ("player", "solo", "chords", "bass", "drums")
COLOURS: dict[str, Colour] = {
    "player": (255, 159, 67),
    "solo": (255, 107, 129),
    "chords": (84, 160, 255),
    "bass": (29, 209, 161),
    "drums": (200, 214, 229),
}
SPANS: dict[str, Colour] = {
    "idle": (112, 120, 136),
    "armed": (224, 132, 178),
    "listening": (224, 82, 82),
    "committed": (245, 190, 65),
    "count-in": (240, 140, 60),
    "playing": (74, 190, 110),
    "listen+play": (86, 178, 214),
    "ending": (150, 128, 232),
    "menu": (170, 178, 190),
}
"""Each state's own colour; the lights' red, yellow and green where there is one."""
_SHORT = {"idle": "idle", "armed": "arm", "listening": "listen", "committed": "commit", "count-in": "count"}
_SHORT |= {"playing": "play", "listen+play": "both", "ending": "end", "menu": "menu"}
"""What stands in a span too short for its name."""
_OTHER: Colour = (160, 140, 220)
_PAPER: Colour = (21, 24, 31)
_LANE: Colour = (29, 33, 42)
_TEXT: Colour = (214, 220, 230)
_FAINT: Colour = (124, 133, 148)
_BAR: Colour = (74, 82, 98)
_BEAT: Colour = (44, 50, 62)
_VOICES = ("kick", "snare", "hat", "open", "low tom", "mid tom", "high tom", "crash", "ride")
_DRUMS = {pitch: _VOICES[voice] for pitch, voice in PADS.items()}
_LEFT = 132
"""Pixels left of the lanes: name of the part and of its rows."""
_SCALE = 2
"""Drawn this many times larger and shrunk: edges come out smooth."""


@dataclass(frozen=True, slots=True)
class RollData:
    """What the roll shows.

    Attributes:
        notes: Notes of each part; ``player`` first in the picture, parts without a colour last.
        chords: Onset and length in 16ths from tick 0, and the label (Harte or short).
        spans: First tick, last tick and name: a state, or another word.
        meter: Meter of the bar lines.
        origin: Tick of the first bar line.
        title: A line at the top.
    """

    notes: Mapping[str, Sequence[Note]]
    chords: Sequence[tuple[int, int, str]] = ()
    spans: Sequence[tuple[int, int, str]] = ()
    meter: Meter = field(default_factory=Meter)
    origin: int = 0
    title: str = ""


@dataclass(frozen=True, slots=True)
class _Sheet:
    draw: ImageDraw.ImageDraw
    first: int
    last: int
    left: int
    right: int

    def x(self, tick: float) -> float:
        return self.left + (tick - self.first) / (self.last - self.first) * (self.right - self.left)


def piano_roll(data: RollData, path: Path, *, width: int = 0) -> tuple[int, int]:
    """Draw the roll as a PNG.

    Args:
        data: What to show.
        path: Where it goes.
        width: Pixels across; chosen from the length (1600 to 3600) when 0.

    Returns:
        Width and height of the picture.
    """
    first, last = _extent(data)
    bars = (last - first) / data.meter.bar_ticks
    width = width or int(min(3600, max(1600, 120 + bars * 90)))
    parts = [part for part in (*ORDER, *sorted(set(data.notes) - set(ORDER))) if data.notes.get(part)]
    heights = [_lane_height(part, data.notes[part]) for part in parts]
    head = 124
    height = head + sum(h + 8 for h in heights) + 30
    image = Image.new("RGB", (width * _SCALE, height * _SCALE), _PAPER)
    sheet = _Sheet(ImageDraw.Draw(image), first, last, _LEFT * _SCALE, (width - 16) * _SCALE)
    _words(sheet, (16, 12), data.title, 16, _TEXT)
    _legend(sheet, data, width)
    tops = [head + sum(h + 8 for h in heights[:index]) for index in range(len(parts))]
    bottom = tops[-1] + heights[-1] if parts else head
    for top, high in zip(tops, heights, strict=True):
        sheet.draw.rectangle((sheet.left, top * _SCALE, sheet.right, (top + high) * _SCALE), fill=_LANE)
    _grid(sheet, data, head, bottom)
    _spans(sheet, data, bottom)
    _chords(sheet, data)
    for part, top, high in zip(parts, tops, heights, strict=True):
        _lane(sheet, part, data.notes[part], top, high)
    image = image.resize((width, height), Image.Resampling.LANCZOS)
    image.save(path, optimize=True)
    return image.size


def _extent(data: RollData) -> tuple[int, int]:
    """Whole bars around everything."""
    starts = [note[0] for notes in data.notes.values() for note in notes] + [span[0] for span in data.spans]
    ends = [note[0] + note[1] for notes in data.notes.values() for note in notes] + [span[1] for span in data.spans]
    bar = data.meter.bar_ticks
    low, high = min(starts, default=0) - data.origin, max(ends, default=bar) - data.origin
    return data.origin + low // bar * bar, data.origin + max(low // bar + 1, -(-high // bar)) * bar


def _rows(part: str, notes: Sequence[Note]) -> dict[int, int]:
    """Row of each pitch, 0 at the bottom; drums have only rows for what sounds."""
    pitches = sorted({note[2] for note in notes})
    if part == "drums":
        return {pitch: row for row, pitch in enumerate(pitches)}
    return {pitch: pitch - pitches[0] for pitch in range(pitches[0], pitches[-1] + 1)}


def _lane_height(part: str, notes: Sequence[Note]) -> int:
    rows = len(_rows(part, notes))
    return max(54, rows * 13 + 14) if part == "drums" else max(64, min(170, rows * 6 + 16))


def _lane(sheet: _Sheet, part: str, notes: Sequence[Note], top: int, high: int) -> None:
    rows = _rows(part, notes)
    colour = COLOURS.get(part, _OTHER)
    step = (high - 12) / max(1, len(rows))
    base = top + high - 6

    def y(pitch: int) -> float:
        return (base - (rows[pitch] + 1) * step) * _SCALE

    _words(sheet, (12, top + 4), part, 14, colour)
    for pitch in rows:
        if part == "drums":
            _words_right(sheet, (_LEFT - 6, y(pitch) / _SCALE + step / 2 - 7), _DRUMS.get(pitch, str(pitch)), 11)
        elif pitch % 12 == 0:
            _words_right(sheet, (_LEFT - 6, y(pitch) / _SCALE + step / 2 - 7), f"C{pitch // 12 - 1}", 11)
            line = y(pitch) + step * _SCALE
            sheet.draw.line((sheet.left, line, sheet.right, line), fill=_BEAT, width=_SCALE)
    for tick, duration, pitch, velocity in notes:
        left = sheet.x(tick)
        thick = max(2.5, min(step - 0.8, 9.0)) * _SCALE
        upper = y(pitch) + (step * _SCALE - thick) / 2
        shade = _mixed(_LANE, colour, 0.4 + 0.6 * min(127, velocity) / 127)
        if part == "drums":
            size = thick * (0.55 + 0.45 * velocity / 127)
            middle = upper + thick / 2
            sheet.draw.rounded_rectangle(
                (left, middle - size / 2, left + size, middle + size / 2), size / 3, fill=shade
            )
        else:
            right = max(left + 2.5 * _SCALE, sheet.x(tick + duration) - _SCALE)
            sheet.draw.rounded_rectangle((left, upper, right, upper + thick), min(thick, right - left) / 3, fill=shade)


def _grid(sheet: _Sheet, data: RollData, top: int, bottom: int) -> None:
    bar = data.meter.bar_ticks
    number = round((sheet.last - sheet.first) / bar)
    every = max(1, round(number / ((sheet.right - sheet.left) / _SCALE / 40)))
    for index in range(number + 1):
        start = sheet.first + index * bar
        if (sheet.right - sheet.left) / number > 40 * _SCALE and index < number:
            for beat in data.meter.beats[1:]:
                x = sheet.x(start + beat)
                sheet.draw.line((x, top * _SCALE, x, bottom * _SCALE), fill=_BEAT, width=_SCALE)
        x = sheet.x(start)
        sheet.draw.line((x, top * _SCALE, x, bottom * _SCALE), fill=_BAR, width=_SCALE)
        label = round((start - data.origin) / bar) + 1
        if index < number and index % every == 0:
            _words(sheet, (x / _SCALE + 3, bottom + 6), str(label if label > 0 else label - 1), 11, _FAINT)


def _spans(sheet: _Sheet, data: RollData, bottom: int) -> None:
    for first, last, name in data.spans:
        colour = SPANS.get(name.lower(), _OTHER)
        left, right = sheet.x(first), sheet.x(last)
        box = (left, 70 * _SCALE, max(left + _SCALE, right - _SCALE), 86 * _SCALE)
        sheet.draw.rounded_rectangle(box, min(4 * _SCALE, (box[2] - left) / 2), fill=colour)
        _span_name(sheet, name, left, right)
        sheet.draw.line((left, 86 * _SCALE, left, bottom * _SCALE), fill=_mixed(_PAPER, colour, 0.75), width=_SCALE)


def _span_name(sheet: _Sheet, name: str, left: float, right: float) -> None:
    """A span's name, shortened or upright on end where there is no room for it."""
    for text in (name, _SHORT.get(name.lower(), name[:3]).upper()):
        for size in (12, 10, 9):
            if _font(size).getlength(text) + 6 * _SCALE <= right - left:
                _words(
                    sheet,
                    ((left + right - _font(size).getlength(text)) / 2 / _SCALE, 78 - size * 0.68),
                    text,
                    size,
                    _PAPER,
                )
                return
    text, font = _SHORT.get(name.lower(), name[:3]).upper(), _font(9)
    tile = Image.new("L", (round(font.getlength(text)) + 2, 12 * _SCALE), 0)
    ImageDraw.Draw(tile).text((0, 0), text, fill=255, font=font)
    turned = tile.rotate(90, expand=True)
    colour = SPANS.get(name.lower(), _OTHER)
    at = (round((left + right) / 2 - turned.width / 2), round(68 * _SCALE - turned.height))
    sheet.draw.bitmap(at, turned, fill=colour)


def _chords(sheet: _Sheet, data: RollData) -> None:
    for onset, length, label in data.chords:
        start = data.origin + onset * FRAME_TICKS
        left, right = sheet.x(start), sheet.x(start + length * FRAME_TICKS)
        name = chord_name(label)
        if right <= sheet.left or left >= sheet.right or name in ("", "-"):
            continue
        box = (left + 1, 94 * _SCALE, max(left + 2, right - _SCALE), 116 * _SCALE)
        sheet.draw.rounded_rectangle(
            box, min(4 * _SCALE, (box[2] - box[0]) / 2), fill=_mixed(_PAPER, COLOURS["chords"], 0.35)
        )
        room = (right - left) / _SCALE - 8
        for size in (14, 11, 9):
            if _font(size).getlength(_plain(name)) / _SCALE <= room:
                _words(sheet, (left / _SCALE + 5, 105 - size * 0.68), _plain(name), size, _TEXT)
                break


def _legend(sheet: _Sheet, data: RollData, width: int) -> None:
    x = width - 16.0
    for name in reversed(list(dict.fromkeys(span[2] for span in data.spans))):
        x -= _font(13).getlength(name) / _SCALE
        _words(sheet, (x, 12), name, 13, _FAINT)
        x -= 18
        sheet.draw.rounded_rectangle(
            (x * _SCALE, 14 * _SCALE, (x + 12) * _SCALE, 26 * _SCALE), 3 * _SCALE, fill=SPANS.get(name.lower(), _OTHER)
        )
        x -= 16


def _plain(name: str) -> str:
    """Signs that the built-in typeface lacks, in letters."""
    for sign, letters in (("♯", "#"), ("♭", "b"), ("ø7", "m7b5"), ("ø", "m7b5"), ("Δ9", "maj9"), ("Δ", "maj7")):
        name = name.replace(sign, letters)
    return name


def _words(sheet: _Sheet, at: tuple[float, float], text: str, size: int, colour: Colour) -> None:
    sheet.draw.text((at[0] * _SCALE, at[1] * _SCALE), text, fill=colour, font=_font(size))


def _words_right(sheet: _Sheet, at: tuple[float, float], text: str, size: int) -> None:
    left = at[0] - _font(size).getlength(text) / _SCALE
    _words(sheet, (left, at[1]), text, size, _FAINT)


@lru_cache(maxsize=8)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The typeface inside Pillow, at drawing scale."""
    return ImageFont.load_default(size * _SCALE)


def _mixed(back: Colour, front: Colour, part: float) -> Colour:
    red, green, blue = (round(b + (f - b) * part) for b, f in zip(back, front, strict=True))
    return red, green, blue
