"""The nine states of the box, as a pair: what the ear does and what the band does."""

from __future__ import annotations

from enum import StrEnum


class Ear(StrEnum):
    """What the box does with what it hears."""

    OFF = "off"
    ARMED = "armed"
    LISTENING = "listening"
    HELD = "held"


class BandState(StrEnum):
    """What the band does."""

    NONE = "none"
    READY = "ready"
    COUNT_IN = "count_in"
    PLAYING = "playing"
    ENDING = "ending"


class State(StrEnum):
    """The rows of the pedal table."""

    IDLE = "IDLE"
    ARMED = "ARMED"
    LISTENING = "LISTENING"
    COMMITTED = "COMMITTED"
    COUNT_IN = "COUNT-IN"
    PLAYING = "PLAYING"
    LISTEN_PLAY = "LISTEN+PLAY"
    ENDING = "ENDING"
    MENU = "MENU"


SOUNDING = frozenset({BandState.COUNT_IN, BandState.PLAYING, BandState.ENDING})
"""Band states in which the box makes sound by itself."""


def state_of(ear: Ear, band: BandState, *, menu: bool) -> State:
    """The row of the table for a pair; the menu lies over everything."""
    if menu:
        return State.MENU
    if band is BandState.ENDING:
        return State.ENDING
    if band is BandState.COUNT_IN:
        return State.COUNT_IN
    if band is BandState.PLAYING:
        return State.LISTEN_PLAY if ear in (Ear.LISTENING, Ear.ARMED) else State.PLAYING
    if ear is Ear.ARMED:
        return State.ARMED
    if ear is Ear.LISTENING:
        return State.LISTENING
    return State.IDLE if band is BandState.NONE else State.COMMITTED
