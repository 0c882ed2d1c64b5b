"""The foot menu: PLAY next item, START next value, hold START previous, STOP leaves; closes after eight seconds.

The first item is PAGE: its value chooses the few items that PLAY then goes through and comes back from.
"""

from __future__ import annotations

from sideman.jam.core import Jam
from sideman.jam.knobs import KNOBS, PAGES, Knob
from sideman.jam.options import Options
from sideman.jam.settle import choose

MENU_NS = 8_000_000_000


def pages(mode: str) -> tuple[str, ...]:
    """The menu's pages in a mode."""
    return tuple(page for page in PAGES if page != "follow" or mode == "follow")


def items(page: str) -> tuple[Knob, ...]:
    """The knobs on a page in their order; PAGE itself, before them, is none."""
    return tuple(knob for knob in KNOBS if knob.page == page)


def open_menu(jam: Jam) -> None:
    """Open the menu at its first page and item."""
    jam.become(menu=(0, 0, 0))
    touched(jam)


def leave(jam: Jam) -> None:
    """Close the menu."""
    jam.become(menu=None)


def next_item(jam: Jam) -> None:
    """Turn to the next item of the page, after the last one to PAGE."""
    if jam.session.menu is not None:
        page, item, _ = jam.session.menu
        count = len(items(PAGES[page])) + 1
        jam.become(menu=(page, (item + 1) % count, 0))
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
    knob = _knob(jam)
    if knob is None:
        return "PAGE", PAGES[jam.session.menu[0]].upper()
    return knob.name.upper(), knob.shown(knob.now(jam.options))


def touched(jam: Jam) -> None:
    """The menu stays open for another eight seconds."""
    if jam.session.menu is not None:
        jam.become(menu=(*jam.session.menu[:2], jam.now))
        jam.at(jam.now + MENU_NS, "menu", jam.session.menu)


def expired(jam: Jam, which: tuple[int, int, int]) -> None:
    """Eight seconds without a press: close."""
    if jam.session.menu == which:
        leave(jam)


def _knob(jam: Jam) -> Knob | None:
    """The knob under the foot, None on PAGE."""
    if jam.session.menu is None or jam.session.menu[1] == 0:
        return None
    page, item, _ = jam.session.menu
    return items(PAGES[page])[item - 1]


def _step(jam: Jam, by: int) -> None:
    if jam.session.menu is None:
        return
    knob = _knob(jam)
    if knob is None:
        here, there = PAGES[jam.session.menu[0]], pages(jam.options.mode)
        # A page whose mode was just left lies between its neighbours still.
        place = [page for page in PAGES if page in there or page == here]
        page = place[(place.index(here) + by) % len(place)]
        jam.become(menu=(PAGES.index(page), 0, 0))
    else:
        choose(jam, knob, knob.stepped(jam.options, by, round_=True))
    touched(jam)


def put_back(jam: Jam, options: Options) -> None:
    """A value that a hold's first press turned is as it was."""
    for knob in KNOBS:
        if knob.key != "chords.preset" and knob.now(options) != knob.now(jam.options):
            choose(jam, knob, knob.now(options))
