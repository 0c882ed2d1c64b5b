"""The foot menu: PLAY next item, START next value, hold START previous, STOP leaves; closes after eight seconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sideman.jam.core import Jam
from sideman.jam.options import ENDINGS, LINEUPS, MODES, Options
from sideman.jam.settle import change
from sideman.music.chords import NAMES
from sideman.music.tempo import clamp_bpm

MENU_NS = 8_000_000_000
METERS = ("4/4", "3/4", "2/4", "6/8", "12/8", "5/4 3+2", "5/4 2+3", "7/8 2+2+3", "7/8 3+2+2", "9/8")
KEYS = ("auto", *(f"{n} {q}" for n in NAMES for q in ("maj", "min")))
LEVELS = (*range(0, 128, 8), 127)


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the menu: its name, the setting it turns, its values, and which holds now."""

    name: str
    key: str
    values: Callable[[Options], tuple[str, ...]]
    now: Callable[[Options], str]


def _fixed(*values: str) -> Callable[[Options], tuple[str, ...]]:
    return lambda _options: values


def _meter_text(options: Options) -> str:
    meter = options.meter
    plain, full = str(meter), f"{meter} {'+'.join(map(str, meter.grouping))}"
    return full if full in METERS else plain


def _level_item(part: str) -> Item:
    return Item(
        f"LEVEL {part.upper()}",
        f"parts.{part}.level",
        _fixed(*map(str, LEVELS)),
        lambda options: str(options.part(part).level),
    )


ITEMS: tuple[Item, ...] = (
    Item("MODE", "jam.mode", _fixed(*MODES), lambda o: o.mode),
    Item("METER", "jam.meter", _fixed(*METERS), _meter_text),
    Item("TEMPO", "tempo.mode", _fixed("free", "fixed"), lambda o: "fixed" if o.tempo_fixed else "free"),
    Item("BPM", "tempo.bpm", lambda _o: tuple(str(b) for b in range(30, 301)), lambda o: str(round(clamp_bpm(o.bpm)))),
    Item("COUNT-IN", "tempo.count_in", _fixed("0", "1", "2"), lambda o: str(o.count_in)),
    Item("CLICK", "click.on", _fixed("off", "on"), lambda o: "on" if o.click else "off"),
    Item("LINE-UP", "jam.lineup", _fixed(*LINEUPS), lambda o: o.lineup),
    Item("LEVEL BAND", "levels.band", _fixed(*map(str, LEVELS)), lambda o: str(o.band_level)),
    *(_level_item(part) for part in ("drums", "bass", "chords", "solo", "player", "click")),
    Item("KEY", "jam.key", _fixed(*KEYS), lambda o: o.key),
    Item("TRANSPOSE", "jam.transpose", _fixed(*(str(n) for n in range(-12, 13))), lambda o: str(o.transpose)),
    Item("ENDING", "jam.ending", _fixed(*ENDINGS), lambda o: o.ending),
)


def open_menu(jam: Jam) -> None:
    """Open the menu at its first item."""
    jam.become(menu=(0, 0))
    touched(jam)


def leave(jam: Jam) -> None:
    """Close the menu."""
    jam.become(menu=None)


def next_item(jam: Jam) -> None:
    """Turn to the next item."""
    if jam.session.menu is not None:
        jam.become(menu=((jam.session.menu[0] + 1) % len(ITEMS), 0))
        touched(jam)


def next_value(jam: Jam) -> None:
    """The item's next value."""
    _step(jam, 1)


def previous_value(jam: Jam) -> None:
    """The item's previous value."""
    _step(jam, -1)


def shown(jam: Jam) -> tuple[str, str] | None:
    """Item and value as the display says them."""
    if jam.session.menu is None:
        return None
    item = ITEMS[jam.session.menu[0]]
    return item.name, item.now(jam.options).upper().replace("_", " ")


def touched(jam: Jam) -> None:
    """The menu stays open for another eight seconds."""
    if jam.session.menu is not None:
        jam.become(menu=(jam.session.menu[0], jam.now))
        jam.at(jam.now + MENU_NS, "menu", jam.session.menu)


def expired(jam: Jam, which: tuple[int, int]) -> None:
    """Eight seconds without a press: close."""
    if jam.session.menu == which:
        leave(jam)


def _step(jam: Jam, by: int) -> None:
    if jam.session.menu is None:
        return
    item = ITEMS[jam.session.menu[0]]
    values = item.values(jam.options)
    now = item.now(jam.options)
    if now in values:
        value = values[(values.index(now) + by) % len(values)]
    else:  # a level between two steps: the next one in that direction
        ordered = sorted(values, key=float)
        beyond = [v for v in ordered if (float(v) - float(now)) * by > 0]
        value = (beyond[0] if by > 0 else beyond[-1]) if beyond else ordered[0 if by > 0 else -1]
    change(jam, item.key, value)
    jam.chosen = (*((k, v) for k, v in jam.chosen if k != item.key), (item.key, value))
    touched(jam)


def put_back(jam: Jam, options: Options) -> None:
    """A value that a hold's first press turned is as it was."""
    now = jam.options
    for item in ITEMS:
        if item.now(options) != item.now(now):
            change(jam, item.key, item.now(options))
            jam.chosen = (*((k, v) for k, v in jam.chosen if k != item.key), (item.key, item.now(options)))
