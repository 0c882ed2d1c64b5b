"""The pedal table: what every gesture does in every state. The one truth; the user's guide prints it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sideman.jam.states import State


class Gesture(StrEnum):
    """What a foot can say."""

    START = "START"
    STOP = "STOP"
    PLAY = "PLAY"
    HOLD_START = "hold START"
    HOLD_PLAY = "hold PLAY"
    HOLD_STOP = "hold STOP"
    DOUBLE_START = "double START"
    DOUBLE_PLAY = "double PLAY"
    PAIR = "STOP + PLAY"
    PAIR_HELD = "STOP + PLAY held"
    TAPS = "START x3"


@dataclass(frozen=True, slots=True)
class Cell:
    """What one gesture does in one state.

    Attributes:
        effects: Names of effects, done in order. ``refuse:WORDS`` does nothing and says why.
        guide: The user's guide in a few words.
        short: The word on the OLED's bottom line (three switches only).
    """

    effects: tuple[str, ...]
    guide: str
    short: str = ""


def _c(effects: str, guide: str, short: str = "") -> Cell:
    return Cell(tuple(part.strip() for part in effects.split(",")), guide, short)


G = Gesture
COLUMNS = (G.START, G.STOP, G.PLAY, G.HOLD_START, G.HOLD_PLAY)
"""The gestures that every state answers for itself."""

BASE: dict[State, dict[Gesture, Cell]] = {
    State.IDLE: {
        G.START: _c("arm", "your turn: play", "ARM"),
        G.STOP: _c("status_page", "status page: instrument, output, level", "INFO"),
        G.PLAY: _c("refuse:START FIRST", "refused: START FIRST", "-"),
        G.HOLD_START: _c("redo", "redo what was undone, else refused"),
        G.HOLD_PLAY: _c("menu", "menu"),
    },
    State.ARMED: {
        G.START: _c("arm", "stays armed", "ARMED"),
        G.STOP: _c("disarm", "back to the state before", "BACK"),
        G.PLAY: _c("disarm_start", "material exists: start it; none: refused, PLAY A NOTE", "PLAY"),
        G.HOLD_START: _c("disarm, undo", "back, then undo"),
        G.HOLD_PLAY: _c("disarm, menu", "back, then menu"),
    },
    State.LISTENING: {
        G.START: _c("discard, arm", "discard and arm again (redo a mistake)", "AGAIN"),
        G.STOP: _c("commit", "commit; the press is the closing downbeat", "COMMIT"),
        G.PLAY: _c("commit_start", "commit and start on this downbeat", "PLAY"),
        G.HOLD_START: _c("discard", "discard, the earlier phrase is back"),
        G.HOLD_PLAY: _c("refuse:STOP FIRST", "refused: STOP FIRST"),
    },
    State.COMMITTED: {
        G.START: _c("arm", "arm; the old phrase is kept until a new commit", "ARM"),
        G.STOP: _c("status_page", "status page", "INFO"),
        G.PLAY: _c("start", "count-in, or the band plays: the press is beat one", "PLAY"),
        G.HOLD_START: _c("undo_redo", "undo, again: redo"),
        G.HOLD_PLAY: _c("menu", "menu; void once the press sounds as beat one: hold again"),
    },
    State.COUNT_IN: {
        G.START: _c("cancel_start, arm", "cancel and arm", "ARM"),
        G.STOP: _c("cancel_start", "cancel", "CANCEL"),
        G.PLAY: _c("cancel_start", "cancel", "CANCEL"),
        G.HOLD_START: _c("cancel_start, undo", "cancel, then undo"),
        G.HOLD_PLAY: _c("cancel_start, menu", "cancel, then menu"),
    },
    State.PLAYING: {
        G.START: _c("listen_over", "listen from the next downbeat, the band plays on", "LISTEN"),
        G.STOP: _c("silence", "silence now", "SILENCE"),
        G.PLAY: _c("end", "ending on the next downbeat", "END"),
        G.HOLD_START: _c("undo_redo", "undo from the next bar, again: redo"),
        G.HOLD_PLAY: _c("menu", "menu, the music goes on"),
    },
    State.LISTEN_PLAY: {
        G.START: _c("listen_over", "restart listening", "AGAIN"),
        G.STOP: _c("commit_over", "commit; the band re-plans from the next bar", "COMMIT"),
        G.PLAY: _c("end", "ending; what was heard is kept in the take", "END"),
        G.HOLD_START: _c("discard", "discard the new part"),
        G.HOLD_PLAY: _c("menu", "menu, listening goes on"),
    },
    State.ENDING: {
        G.START: _c("cancel_end, listen_over", "cancel the ending and listen", "LISTEN"),
        G.STOP: _c("silence", "silence now", "SILENCE"),
        G.PLAY: _c("cancel_end", "within 0.4 s: silence now; later: carry on", "GO ON"),
        G.HOLD_START: _c("cancel_end, undo", "cancel the ending, then undo"),
        G.HOLD_PLAY: _c("cancel_end, menu", "cancel the ending, then menu"),
    },
    State.MENU: {
        G.START: _c("menu_next_value", "next value", "VALUE"),
        G.STOP: _c("menu_leave", "leave", "LEAVE"),
        G.PLAY: _c("menu_next_item", "next item", "ITEM"),
        G.HOLD_START: _c("menu_previous_value", "previous value"),
        G.HOLD_PLAY: _c("menu_leave", "leave (also after 8 s)"),
    },
}

OVERRIDES: dict[str, dict[State, dict[Gesture, Cell]]] = {
    "trade": {},
    "follow": {
        State.IDLE: {G.PLAY: _c("arm", "your turn: play", "ARM")},
        State.LISTENING: {G.PLAY: _c("enter", "the band enters at the next downbeat", "ENTER")},
        State.PLAYING: {G.START: _c("follow_again", "follow again (the form was held)", "FOLLOW")},
        State.LISTEN_PLAY: {
            G.START: _c("forget_harmony", "forget the harmony, keep the tempo", "FORGET"),
            G.STOP: _c("hold_form", "HELD: the form heard so far goes on", "HOLD"),
            G.DOUBLE_START: _c("new", "NEW at the next bar: other chords"),
        },
    },
}
"""Cells that a mode changes; everything else is as in ``BASE``."""

_SOUNDING = frozenset({State.PLAYING, State.LISTEN_PLAY})
EVERYWHERE: dict[Gesture, tuple[frozenset[State], Cell]] = {
    G.HOLD_STOP: (frozenset(State), _c("panic", "panic: all notes off everywhere; nothing is deleted")),
    G.TAPS: (frozenset(State) - {State.MENU}, _c("tap", "three or more even presses: tap tempo, first tap a downbeat")),
    G.DOUBLE_START: (frozenset({State.PLAYING}), _c("new", "NEW at the next bar: another answer, other chords")),
    G.DOUBLE_PLAY: (frozenset({State.PLAYING}), _c("silence", "stop at once")),
    G.PAIR: (_SOUNDING, _c("fill", "a drum fill into the next bar")),
    G.PAIR_HELD: (_SOUNDING, _c("next_part", "kept down 0.8 s: fill and next part")),
}
"""Gestures that mean the same wherever they mean anything: the states where they do, and what."""

_NOTHING_HERE = _c("refuse:NOT NOW", "refused: NOT NOW")


def cell(mode: str, state: State, gesture: Gesture) -> Cell:
    """The cell of the table; every combination has one."""
    override = OVERRIDES.get(mode, {}).get(state, {}).get(gesture)
    if override is not None:
        return override
    if gesture in EVERYWHERE:
        states, found = EVERYWHERE[gesture]
        return found if state in states else _NOTHING_HERE
    return BASE[state][gesture]


def guide(mode: str | None = None) -> str:
    """The table as Markdown: the base table, or only the cells a mode changes."""
    rows = BASE if mode is None else OVERRIDES[mode]
    shown = [g for g in Gesture if any(g in row for row in rows.values())]
    lines = ["| state | " + " | ".join(g.value for g in shown) + " |", "|" + " --- |" * (len(shown) + 1)]
    for state in State:
        if state in rows:
            cells = [rows[state][g].guide if g in rows[state] else "" for g in shown]
            lines.append(f"| **{state.value}** | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def guide_everywhere() -> str:
    """The second table as Markdown: gestures that mean the same in several states."""
    lines = ["| gesture | where | effect |", "| --- | --- | --- |"]
    for gesture, (states, found) in EVERYWHERE.items():
        where = "everywhere" if states == frozenset(State) else ", ".join(s.value for s in State if s in states)
        if states == frozenset(State) - {State.MENU}:
            where = "everywhere but the menu"
        lines.append(f"| {gesture.value} | {where} | {found.guide} |")
    return "\n".join(lines)
