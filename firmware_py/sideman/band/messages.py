"""What the conductor asks the band and what the band answers: plain values that travel between processes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from sideman.music.harmony import ChordSpan
from sideman.music.meter import Meter
from sideman.music.notes import Note
from sideman.music.value import Value

Part = Literal["drums", "bass", "chords", "solo"]
PARTS: tuple[Part, ...] = ("drums", "bass", "chords", "solo")
Source = Literal["model", "rules"]


@dataclass(frozen=True, slots=True)
class PartNote(Value):
    """A note of the plan: part, onset and length in ticks of the jam, pitch 0-127, velocity 1-127."""

    part: Part
    tick: int
    duration: int
    pitch: int
    velocity: int


@dataclass(frozen=True, slots=True)
class Phrase:
    """What the player committed, on its own beat time: tick 0 is its first downbeat.

    Attributes:
        notes: All its notes; a pickup has negative ticks.
        bars: Whole bars of the form.
        key: ``"A min"`` when the player fixed it, else an empty string.
        taps: What was struck on drum pads, rhythm alone: their pitches say nothing of chords or key.
    """

    notes: tuple[Note, ...]
    bars: int
    meter: Meter
    bpm: float
    key: str = ""
    taps: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Knobs:
    """The player's wishes that the musicians obey.

    Attributes:
        key: ``"A min"`` when the player fixed it, else empty.
        temperature: 0 (always the likeliest) to 3.
        style: Of the settings' ``jam.style``.
        transpose: Semitones.
        harmonic_rhythm: Chords a bar wanted, 0.25-2.
        complexity: 0 triads, 1 sevenths too, 2 suspensions and secondary dominants, 3 borrowed and tritone chords.
        cadence: How strongly a form's end is sought, 0-2.
        form: ``auto``, bars of the form (``4``, ``8``, ``16``, ``32``), or ``blues`` (twelve bars).
        key_lock: How far chords keep to the key's own tones, 0-2.
        scale: Of ``music.scales``: the chords keep to it.
        variety: Share of the choices in later choruses that are made anew, 0-1.
    """

    key: str = ""
    temperature: float = 0.8
    style: str = "rock"
    transpose: int = 0
    harmonic_rhythm: float = 1.0
    complexity: int = 1
    cadence: float = 1.0
    form: str = "auto"
    key_lock: float = 1.0
    scale: str = "auto"
    variety: float = 0.5


@dataclass(frozen=True, slots=True)
class Ask:
    """A request for music: fill frames ``start`` to ``end`` (16ths of the jam's timeline, end excluded).

    Attributes:
        id: Counts up through a jam.
        seed: Every random choice of the answer derives from it; the same for a whole jam, so that a groove stays.
        epoch: Changes with every new phrase; the band forgets what it knew of another epoch.
        mode: Mode the box is in.
        frame: Frame at which it is asked; the answer takes effect at ``frame + 1``.
        origin: Frame of the form's beat one.
        form_frames: Length of the form, 0 while there is none.
        phrase: The committed phrase (``trade``), sent once an epoch and after a restart of the band, else None.
        heard: ``follow``: notes whose onset came since the last ask of this epoch (all of them after a restart).
        taps: ``follow``: the same of drum pads, rhythm alone.
        heard_until: Frame up to which everything heard has been sent.
        chords: Chords that stand: the form's, or those committed so far (absolute frames). Plans must agree with them.
        solo: Whether the soloist plays in this window (it may only sound where this is true).
        fill_to: Frame of a bar line that a drum fill shall lead to, or None.
        ending: Frame of the final downbeat, or None; nothing is planned past it but the ending itself.
        held: ``follow``: keep the form heard so far.
        lineup: Parts to plan.
        variation: 0, then one more for each NEW that the player asked for.
        one: ``follow``: frame at which a form that the player gave begins, None for ``origin``.
        alternatives: ``follow``: the window begins on a strong beat whose chord may wait for what is struck on it.
    """

    id: int
    seed: int
    epoch: int
    mode: str
    meter: Meter
    bpm: float
    frame: int
    start: int
    end: int
    origin: int = 0
    form_frames: int = 0
    phrase: Phrase | None = None
    heard: tuple[Note, ...] = ()
    heard_until: int = 0
    chords: tuple[ChordSpan, ...] = ()
    solo: bool = False
    fill_to: int | None = None
    ending: int | None = None
    held: bool = False
    lineup: tuple[Part, ...] = PARTS
    variation: int = 0
    knobs: Knobs = field(default_factory=Knobs)
    taps: tuple[Note, ...] = ()
    alternatives: bool = False
    one: int | None = None


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another plan for the same window, for what the player may strike on its first beat (just-in-time commit).

    Attributes:
        classes: Pitch classes that call for it.
        chords: Its chords (absolute frames).
        notes: What chords and bass play over them.
    """

    classes: tuple[int, ...]
    chords: tuple[ChordSpan, ...]
    notes: tuple[PartNote, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The band's answer to one ask.

    Attributes:
        ask: Id of the ask.
        chords: Chords of the window, or of the whole form when the ask brought a phrase (absolute frames).
        notes: Notes whose onset lies in the window (microtiming may pull one up to half a frame before it).
        sources: Who made each part, the model or the rules.
        key: Key as the band understood it, ``"A min"``, or empty.
        confidence: 0-1, how sure the harmony is.
        model_ms: Milliseconds of each model family for each unit of this answer's work: a frame of chords, a bar of
            drums, a note of melody (64 of them at most).
        commit_beats: ``follow``: beats that the band advises to commit, 0-4; None where it has no opinion.
        key_sure: How sure the key is, 0-1.
        form_bars: Bars after which what was heard comes round, 0 for none found.
        surprise: How much likelier the melody of the last two beats was under the committed chords than a fiftieth of
            all validation melodies (mean log likelihood less its 2nd percentile): negative = surprised; None where it
            is not known.
        alternatives: Other plans for what may be struck on the first beat, where they differ from this one.
        loudness: Part, frame and mean velocity of the player that the part was played for from that frame on.
    """

    ask: int
    epoch: int
    frame: int
    start: int
    end: int
    chords: tuple[ChordSpan, ...] = ()
    notes: tuple[PartNote, ...] = ()
    sources: tuple[tuple[Part, Source], ...] = ()
    key: str = ""
    confidence: float = 0.0
    model_ms: tuple[tuple[str, float], ...] = ()
    commit_beats: int | None = None
    key_sure: float = 0.0
    form_bars: int = 0
    surprise: float | None = None
    alternatives: tuple[Alternative, ...] = ()
    loudness: tuple[tuple[Part, int, float], ...] = ()
