"""What leaves the conductor towards screens, LEDs and OSC: snapshots and notices with their due time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Light = Literal["off", "on", "dim", "blink", "fast", "beat", "slow", "twice"]
"""How an LED behaves: slow = a slow dim glow every two seconds, beat = a flash on each beat, twice = two blinks."""


@dataclass(frozen=True, slots=True)
class StripChord:
    """A chord on the strip from now to four beats ahead: start and length in beats from now."""

    start: float
    length: float
    name: str
    committed: bool
    confidence: float


@dataclass(frozen=True, slots=True)
class Status:
    """Everything a display may say at one moment; displays go on by themselves from ``ns`` with ``quarter_ns``.

    Attributes:
        state: One of the nine states of the pedal table (IDLE ... MENU).
        ear: ``off``, ``armed``, ``listening`` or ``held``.
        band: ``none``, ``ready``, ``count_in``, ``playing`` or ``ending``.
        shown: The large word (READY, YOUR TURN, LISTEN 3.2, GOT IT ...), readable from standing height.
        detail: The smaller line under it.
        bar, beat: 1-based position, 0 when there is none; ``bars`` of the form, 0 when free.
        turn: ``YOU``, ``ME`` or empty.
        bpm: None while the tempo is free.
        bottom: What START, STOP and PLAY do now, a short word each.
        leds: Behaviour of the red, amber and green LED.
        notice: A message for two seconds, or empty.
        hold: Switch being held and how full its bar is, 0-1.
        menu: Item and value while the foot menu is open.
        faults: Devices in trouble, one short text each.
        rules: Parts that play without their model.
        page: ``status`` while the status page (instrument, output, level) is asked for, else empty.
        countdown: Beats left of the silence period, out of ``countdown_of``; 0 when there is none.
        sure: ``follow``: how sure the band is of the chords ahead, 0-1; -1 where there are none.
        unsure: Whether it says that it is not.
        commit_beats: ``follow``: beats that are fixed ahead now; -1 in every other mode and state.
        just_in_time: Whether the chord of a strong beat waits for the player.
    """

    ns: int
    state: str
    ear: str
    band: str
    mode: str
    shown: str
    detail: str = ""
    bpm: float | None = None
    confidence: float = 0.0
    meter: str = "4/4"
    beats_per_bar: int = 4
    key: str = ""
    bar: int = 0
    beat: int = 0
    bars: int = 0
    bars_left: int = 0
    turn: str = ""
    quarter_ns: int = 0
    beat_phase: float = 0.0
    strip: tuple[StripChord, ...] = ()
    bottom: tuple[str, str, str] = ("", "", "")
    leds: tuple[Light, Light, Light] = ("off", "off", "off")
    notice: str = ""
    hold: tuple[str, float] | None = None
    countdown: float = 0.0
    menu: tuple[str, str] | None = None
    faults: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    instrument: str = ""
    output: str = ""
    level: int = 100
    page: str = ""
    countdown_of: float = 8.0
    sure: float = -1.0
    unsure: bool = False
    commit_beats: int = -1
    just_in_time: bool = False


@dataclass(frozen=True, slots=True)
class NoteAhead:
    """A note of the band, told before it sounds so that a stick can start to fall (VM14)."""

    due_ns: int
    part: str
    channel: int
    pitch: int
    velocity: int
    duration_ns: int


@dataclass(frozen=True, slots=True)
class NoteSounds:
    """A note-on or note-off (velocity 0) that goes out now, for receivers of the ofxOscMidi form (VM10)."""

    ns: int
    part: str
    channel: int
    pitch: int
    velocity: int


@dataclass(frozen=True, slots=True)
class ControlSounds:
    """A controller that goes out now: channel 0-15, number and value 0-127 (VM10)."""

    ns: int
    part: str
    channel: int
    number: int
    value: int


@dataclass(frozen=True, slots=True)
class BeatCue:
    """A beat of the jam, told ahead: bar and beat from 1."""

    due_ns: int
    bar: int
    beat: int


@dataclass(frozen=True, slots=True)
class StageCue:
    """A gesture to show (VM14): ``listen``, ``prepare_play``, ``nod``, ``stop``, ``solo`` ... due at ``due_ns``."""

    due_ns: int
    name: str
    beats: float


@dataclass(frozen=True, slots=True)
class PlanShown:
    """The chords to come: (onset frame, frames, Harte label, committed, confidence) each.

    Attributes:
        sure: How sure the band is of them on the whole, 0-1; -1 where it does not follow.
        unsure: Whether it says that it is not.
        commit_beats: Beats fixed ahead now, -1 where it does not follow.
        just_in_time: Whether the chord of a strong beat waits for the player.
        stability: Share of the chords announced two beats ahead that were played so far, -1 before there are any.
    """

    ns: int
    frame: int
    chords: tuple[tuple[int, int, str, bool, float], ...]
    sure: float = -1.0
    unsure: bool = False
    commit_beats: int = -1
    just_in_time: bool = False
    stability: float = -1.0


Shown = Status | NoteAhead | NoteSounds | ControlSounds | BeatCue | StageCue | PlanShown
