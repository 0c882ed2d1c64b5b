"""What the display shows: one pure function from a status and a moment to 128 x 64 pixels.

From top to bottom: mode, tempo, meter and key; the beats of the bar; the large word for the state (readable from
standing height); a line of detail; the strip of chords from now to four beats ahead, committed ones solid and tentative
ones outlined (RJ6, RJ7); and what START, STOP and PLAY do now.
"""

from __future__ import annotations

from functools import lru_cache

from PIL import Image

from sideman.edges import oled_glyphs, oled_letters
from sideman.edges.oled_canvas import HEIGHT, OFF, ON, WIDTH, Box, Canvas
from sideman.edges.oled_words import chord_name, key_name, tempo_text
from sideman.jam.cues import Status, StripChord
from sideman.music.meter import TICKS_PER_QUARTER, parse_meter

NOTICE_NS = 2_000_000_000
"""How long a notice stays when no newer status takes it away."""
PAGE_NS = 2_000_000_000
"""How long each of several messages has the detail line."""
DOUBT = 0.7
"""A tempo found with less confidence than this is shown with a question mark."""

_BEATS_Y = 9
_WORD: Box = (0, 13, WIDTH, 30)
_WORD_TALL: Box = (0, 14, WIDTH, 41)
_WORD_HUGE: Box = (0, 11, WIDTH, 53)
_DETAIL_Y = 32
_DETAIL_TALL_Y = 45
_STRIP: Box = (0, 40, WIDTH, 54)
_BOTTOM: Box = (0, 55, WIDTH, HEIGHT)
_MIDDLE: Box = (0, 11, WIDTH, 54)
_TURN_WIDTH = 38
_TRUST_WIDTH = 22


def draw(status: Status, now_ns: int, *, show_chords: bool = True) -> Image.Image:
    """The frame for a moment.

    Args:
        status: The newest snapshot.
        now_ns: Monotonic nanoseconds; strip and beats move on from ``status.ns`` by themselves.
        show_chords: Whether the chords to come are shown at all (RJ8).

    Returns:
        A new image, 128 x 64, mode ``1``.
    """
    canvas = Canvas()
    _top(canvas, status)
    _body(canvas, status, now_ns, show_chords=show_chords)
    _bottom(canvas, status)
    if status.hold is not None and status.hold[1] > 0:
        _hold(canvas, *status.hold)
    if notice_stands(status, now_ns):
        _notice(canvas, status.notice)
    return canvas.image


def notice_stands(status: Status, now_ns: int) -> bool:
    """Whether the notice is still to be seen."""
    return bool(status.notice) and now_ns - status.ns < NOTICE_NS


def moves(status: Status, now_ns: int) -> bool:
    """Whether the picture changes by itself, without a new status."""
    running = status.quarter_ns > 0 and (status.bar > 0 or bool(status.strip))
    return running or notice_stands(status, now_ns) or len(_messages(status)) > 1


def _body(canvas: Canvas, status: Status, now_ns: int, *, show_chords: bool) -> None:
    if status.page == "status":
        _status_page(canvas, status)
    elif status.menu is not None:
        _menu(canvas, *status.menu)
    elif status.band == "count_in":
        canvas.word(_WORD_HUGE, status.shown)
    else:
        lower = status.countdown > 0 or (show_chords and bool(status.strip))
        _beats(canvas, status, now_ns)
        _state_word(canvas, status, _WORD if lower else _WORD_TALL)
        _detail(canvas, status, now_ns, _DETAIL_Y if lower else _DETAIL_TALL_Y)
        if status.countdown > 0:
            _countdown(canvas, status, now_ns)
        elif lower:
            _strip(canvas, status, now_ns)


def _top(canvas: Canvas, status: Status) -> None:
    right = WIDTH
    if status.faults or status.rules:
        sign = "!" if status.faults else "R"
        room = oled_glyphs.width(sign) + 4
        canvas.plate((WIDTH - room, 0, WIDTH, 8))
        canvas.text(WIDTH - room + 2, 0, sign, ink=OFF)
        right -= room + 3
    key = key_name(status.key)
    if key:
        right = canvas.text_right(right, 0, key) - 4
    tempo = tempo_text(status.bpm, status.meter)
    meter = status.meter.split(" ", maxsplit=1)[0]
    mode = status.mode.upper()
    if status.bpm is not None and 0 < status.confidence < DOUBT:
        tempo += "?"
    rest = oled_glyphs.width(tempo) + oled_glyphs.width(meter) + 8
    tiny = oled_glyphs.width(mode) + rest > right
    x = canvas.text(0, 1 if tiny else 0, mode, tiny=tiny) + 3
    x = canvas.text(x, 0, tempo)
    canvas.text(x + 3, 0, meter)


def _beats(canvas: Canvas, status: Status, now_ns: int) -> None:
    """One segment a beat: those gone by are full, the present one fills as it passes."""
    if status.bar <= 0 or status.beats_per_bar <= 0:
        return
    number = status.beats_per_bar
    place = max(0, status.beat - 1) + min(1.0, status.beat_phase + _beats_since(status, now_ns))
    for index in range(number):
        left, right = index * WIDTH // number, (index + 1) * WIDTH // number - 2
        canvas.fill((left, _BEATS_Y + 1, right, _BEATS_Y + 2))
        part = max(0.0, min(1.0, place - index))
        canvas.fill((left, _BEATS_Y, left + round((right - left) * part), _BEATS_Y + 3))


def _state_word(canvas: Canvas, status: Status, box: Box) -> None:
    if status.turn:
        _turn(canvas, status, (WIDTH - _TURN_WIDTH, box[1], WIDTH, box[3]))
        box = (box[0], box[1], WIDTH - _TURN_WIDTH - 4, box[3])
    inverted = status.state == "LISTEN+PLAY"
    if inverted:
        canvas.plate((box[0], box[1] - 1, box[2], box[3] + 1))
        box = (box[0] + 3, box[1] + 1, box[2] - 3, box[3] - 1)
    canvas.word(box, status.shown, ink=OFF if inverted else ON)


def _turn(canvas: Canvas, status: Status, box: Box) -> None:
    """Whose turn it is and for how many bars: ME solid (the box plays), YOU outlined (you do)."""
    left, top, right, bottom = box
    mine = status.turn == "ME"
    canvas.plate(box)
    if not mine:
        canvas.plate((left + 1, top + 1, right - 1, bottom - 1), OFF)
    ink = OFF if mine else ON
    left_text = str(status.bars_left) if status.bars_left > 0 else ""
    high = bottom - top - 6
    if left_text:
        canvas.text(left + 3, top + (bottom - top - 7) // 2, status.turn, ink=ink)
        canvas.word((left + 6 + oled_glyphs.width(status.turn), top + 3, right - 2, top + 3 + high), left_text, ink=ink)
    else:
        canvas.word((left + 4, top + 3, right - 4, top + 3 + high), status.turn, ink=ink)


def _messages(status: Status) -> tuple[tuple[str, bool], ...]:
    """What takes turns on the detail line: text, and whether it is a complaint."""
    detail = status.detail or (status.instrument if status.state == "IDLE" else "")
    messages = [(detail, False)] if detail else []
    messages += [(fault, True) for fault in status.faults]
    if status.rules:
        messages.append((f"by rule: {', '.join(status.rules)}", False))
    return tuple(messages)


def _detail(canvas: Canvas, status: Status, now_ns: int, y: int) -> None:
    right = WIDTH
    place = _place(status)
    if place:
        right = canvas.text_right(WIDTH, y, place) - 4
    if status.commit_beats >= 0 and not place:
        right = _trust(canvas, status, y) - 4
    messages = _messages(status)
    if not messages:
        return
    text, complaint = messages[(now_ns // PAGE_NS) % len(messages)]
    if complaint:
        text = oled_glyphs.fitted(text, right - 4)
        canvas.plate((0, y - 1, oled_glyphs.width(text) + 4, y + 8))
        canvas.text(2, y, text, ink=OFF)
    else:
        canvas.text(0, y, oled_glyphs.fitted(text, right))


def _trust(canvas: Canvas, status: Status, y: int) -> int:
    """At the right of the detail line: a bar of how sure the plan is, and how many beats of it are fixed.

    ``JT`` instead of a number where the chord of a strong beat waits for the player; ``?`` is said in the detail.

    Returns:
        Where it begins.
    """
    text = "JT" if status.just_in_time else f"{status.commit_beats}b"
    left = canvas.text_right(WIDTH, y, text) - 4 - _TRUST_WIDTH
    if status.sure >= 0:
        canvas.frame((left, y, left + _TRUST_WIDTH, y + 7))
        canvas.fill((left + 2, y + 2, left + 2 + round((_TRUST_WIDTH - 4) * status.sure), y + 5))
    return left


def _place(status: Status) -> str:
    """What stands at the right of the detail line: how sure the tempo is, or bar and beat unless the word says them."""
    if status.state == "COMMITTED" and status.confidence > 0:
        return f"{status.confidence:.0%} sure"
    if status.bar <= 0 or f"{status.bar}.{status.beat}" in status.shown:
        return ""
    return f"{status.bar}.{status.beat}" + (f"/{status.bars}" if status.bars else "")


def _strip(canvas: Canvas, status: Status, now_ns: int) -> None:
    gone = _beats_since(status, now_ns)
    left, top, right, bottom = _STRIP
    per_beat = (right - left) / _strip_beats(status.meter)
    for chord in status.strip:
        begin = round(left + (chord.start - gone) * per_beat)
        end = round(left + (chord.start + chord.length - gone) * per_beat) - 1
        if end > left and begin < right:
            _strip_chord(canvas, chord, (max(begin, left), top, min(end, right), bottom))


def _strip_chord(canvas: Canvas, chord: StripChord, box: Box) -> None:
    """Committed: solid, the name cut out. Tentative: dashed outline."""
    left, top, right, bottom = box
    ink = OFF if chord.committed else ON
    if chord.committed:
        canvas.plate(box)
    else:
        canvas.dashes(box)
    name = chord_name(chord.name)
    for text in (name, name.split("/", maxsplit=1)[0], name[:2].rstrip("mΔ°ø0123456789+"), name[:1]):
        if _strip_name(canvas, text, (left + 2, top + 2, right - 2, bottom - 2), ink):
            return


def _strip_name(canvas: Canvas, name: str, box: Box, ink: int) -> bool:
    """Write a chord's name in the largest alphabet that fits; False when none does."""
    left, top, right, bottom = box
    room, high = right - left, bottom - top
    if "ø" not in name and oled_letters.word_width(name, 6, 2) <= room:
        canvas.word((left, top, left + oled_letters.word_width(name, 6, 2), bottom), name, ink=ink, size=(6, 2))
        return True
    for tiny in (False, True):
        if oled_glyphs.width(name, tiny=tiny) <= room:
            text = name.replace("♯", "#").replace("♭", "b") if tiny else name
            canvas.text(left, top + (high - (5 if tiny else 7) + 1) // 2, text, ink=ink, tiny=tiny)
            return True
    return False


def _countdown(canvas: Canvas, status: Status, now_ns: int) -> None:
    """The silence period: how many beats until the band comes in."""
    beats = max(0.0, status.countdown - _beats_since(status, now_ns))
    whole = status.countdown_of or 8.0
    left, top, right, bottom = _STRIP
    canvas.frame((left, top, right, bottom - 1))
    number = -int(-beats // 1)
    canvas.text_centred((left + 2, top, right - 2, bottom - 1), f"band in {number}")
    canvas.invert((left + 2, top + 2, left + 2 + round((right - left - 4) * min(1.0, beats / whole)), bottom - 3))


def _bottom(canvas: Canvas, status: Status) -> None:
    for index, label in enumerate(status.bottom):
        left = index * 43
        box = (left, _BOTTOM[1], left + 42, _BOTTOM[3])
        if label.strip(" -–"):
            canvas.plate(box)
            canvas.text_centred((box[0] + 2, box[1], box[2] - 2, box[3]), label.upper(), ink=OFF)


def _hold(canvas: Canvas, switch: str, part: float) -> None:
    """The bar of a hold grows; letting go before it is full is an ordinary press."""
    left, top, right, bottom = 0, 39, WIDTH, 54
    canvas.fill((left, top, right, bottom), OFF)
    canvas.frame((left, top, right, bottom))
    canvas.text_centred((left + 3, top, right - 3, bottom), f"HOLD {switch}")
    canvas.invert((left + 2, top + 2, left + 2 + round((right - left - 4) * min(1.0, part)), bottom - 2))


def _notice(canvas: Canvas, text: str) -> None:
    left, top, right, bottom = _MIDDLE
    canvas.fill((left, top - 2, right, bottom + 1), OFF)
    canvas.plate((left, top, right, bottom))
    lines = _two_lines(text)
    high = (bottom - top - 8) // len(lines)
    for index, line in enumerate(lines):
        y = top + 4 + index * (high + 1)
        canvas.word((left + 4, y, right - 4, y + high - (1 if len(lines) > 1 else 0)), line.upper(), ink=OFF)


def _two_lines(text: str) -> list[str]:
    """Long texts break at the blank nearest to their middle."""
    if len(text) <= 9 or " " not in text:
        return [text]
    blanks = [index for index, letter in enumerate(text) if letter == " "]
    middle = min(blanks, key=lambda index: abs(index - len(text) / 2))
    return [text[:middle], text[middle + 1 :]]


def _menu(canvas: Canvas, item: str, value: str) -> None:
    canvas.text(0, 13, "▸")
    canvas.text(8, 13, oled_glyphs.fitted(item.upper(), WIDTH - 8))
    canvas.fill((0, 22, WIDTH, 23))
    canvas.word((0, 27, WIDTH, 51), value.upper())


def _status_page(canvas: Canvas, status: Status) -> None:
    """Instrument, output and level: what a player asks first when nothing sounds."""
    rows = (("IN", status.instrument or "no instrument"), ("OUT", status.output or "NO OUTPUT"))
    for index, (label, text) in enumerate(rows):
        y = 13 + index * 11
        canvas.text(0, y, label)
        canvas.text(22, y, oled_glyphs.fitted(text, WIDTH - 22))
    canvas.text(0, 35, "VOL")
    canvas.frame((22, 35, WIDTH - 22, 42))
    canvas.fill((24, 37, 24 + round((WIDTH - 48) * status.level / 127), 40))
    canvas.text_right(WIDTH, 35, str(status.level))
    rules = f"by rule: {', '.join(status.rules)}" if status.rules else ""
    canvas.text(0, 46, oled_glyphs.fitted((*status.faults, rules)[0] or "all well", WIDTH))


def _beats_since(status: Status, now_ns: int) -> float:
    """Beats of the meter (dotted quarters in 6/8) from the status to now."""
    if status.quarter_ns <= 0:
        return 0.0
    return max(0.0, (now_ns - status.ns) / (status.quarter_ns * _quarters_a_beat(status.meter)))


@lru_cache(maxsize=32)
def _strip_beats(meter: str) -> float:
    """Tempo beats from the strip's left edge (now) to its right edge: four, or four groups of an uneven meter."""
    try:
        found = parse_meter(meter)
    except ValueError:
        return 4.0
    return found.four_beats / found.beat_ticks


@lru_cache(maxsize=32)
def _quarters_a_beat(meter: str) -> float:
    try:
        return parse_meter(meter).beat_ticks / TICKS_PER_QUARTER
    except ValueError:
        return 1.0
