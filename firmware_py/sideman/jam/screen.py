"""What the box shows: the status of a moment, in words, strip and lights."""

from __future__ import annotations

from functools import partial

from sideman.jam import commitment, menu, naming
from sideman.jam.book import repeated
from sideman.jam.core import Jam
from sideman.jam.cues import Light, PlanShown, Status, StripChord
from sideman.jam.modes import mode_of
from sideman.jam.modes.follow import beats_until
from sideman.jam.states import BandState, Ear, State
from sideman.jam.table import Gesture, cell
from sideman.music.harmony import ChordSpan
from sideman.music.meter import FRAME_TICKS

MODELLED = ("drums", "chords", "solo")
"""Parts that have a model; the bassist plays by rule by design."""
HOLD_SHOWN_NS = 300_000_000
TUNING_NS = 5_000_000_000
"""The box says that it is tuning up until the band has come, but not for longer than this."""

LEDS: dict[str, tuple[Light, Light, Light]] = {
    State.IDLE.value: ("off", "off", "slow"),
    State.ARMED.value: ("blink", "off", "off"),
    State.LISTENING.value: ("on", "off", "off"),
    State.COMMITTED.value: ("off", "on", "off"),
    State.COUNT_IN.value: ("off", "off", "blink"),
    State.PLAYING.value: ("off", "off", "beat"),
    State.LISTEN_PLAY.value: ("on", "off", "beat"),
    State.ENDING.value: ("off", "off", "fast"),
    "HELD": ("off", "on", "beat"),
    "tap": ("off", "fast", "off"),
    "refused": ("twice", "twice", "twice"),
    "CHANGED": ("on", "twice", "beat"),
    "error": ("fast", "off", "off"),
    "boot": ("slow", "slow", "slow"),
}
"""Red, amber and green in every state, tap, refusal, surprise break, error and boot phase: no two alike. The menu
shows what lies below it."""
UNSURE = 0.25
"""Confidence of the plan (how likely its chords are the ones a musician would have written) below which it is said."""


def status(jam: Jam) -> Status:
    """The box at this moment."""
    s, line = jam.session, jam.timeline
    state = s.state
    playing = jam.playing
    tick = line.tick(jam.now)
    pulse = s.pulse
    held = s.ear is Ear.HELD
    material = s.material
    frames = material.frames if material is not None and s.ear is not Ear.LISTENING else 0
    origin = s.origin * FRAME_TICKS
    zero = origin if playing and tick >= origin else (line.bar_zero if s.listen_tick is None else s.listen_tick)
    bar = (tick - zero) // line.meter.bar_ticks + 1 if pulse and tick >= zero else 0
    bars = frames // line.meter.bar_frames if frames else 0
    solo = playing and jam.options.mode == "trade" and tick >= origin and mode_of(jam).solo_at(jam, tick // FRAME_TICKS)
    turn = ("ME" if solo else "YOU") if playing and bars and jam.options.mode == "trade" else ""
    beat = line.meter.beat_of(tick - line.bar_zero) + 1 if pulse else 0
    within = line.within(tick)
    beat_start = line.meter.beats[beat - 1] if pulse else 0
    notice = jam.notice[1] if jam.notice[0] > jam.now else ""
    form_bar = (bar - 1) % bars + 1 if bars and bar else bar
    return Status(
        ns=jam.now,
        state=state.value,
        ear=s.ear.value,
        band=s.band.value,
        mode=jam.options.mode,
        shown=_word(jam, form_bar, beat, held=held),
        detail=_detail(jam),
        bpm=_bpm(jam),
        confidence=material.confidence if material is not None else 0.0,
        meter=str(line.meter if pulse else jam.options.meter),
        beats_per_bar=len(line.meter.beats),
        key=naming.key_shown(jam),
        bar=form_bar,
        beat=beat,
        bars=bars,
        bars_left=bars - form_bar + 1 if bars and bar else 0,
        turn=turn,
        quarter_ns=round(60e9 / line.tempo.bpm) if pulse else 0,
        beat_phase=(within - beat_start) / line.meter.beat_ticks if pulse else 0.0,
        strip=_strip(jam, tick),
        bottom=_bottom(jam),
        leds=_leds(jam, held=held),
        notice=notice,
        hold=_hold(jam),
        countdown=_countdown(jam),
        menu=menu.shown(jam),
        faults=tuple(f"{d}: {t}" for d, t in jam.faults.items()),
        rules=tuple(p for p, by in jam.sources.items() if by == "rules" and p in MODELLED),
        instrument=next((n for n, there in jam.instruments.items() if there), ""),
        output=jam.output,
        level=jam.options.band_level,
        page="status" if jam.page_until > jam.now else "",
        countdown_of=float(jam.options.silence_beats),
        sure=_sure(jam),
        unsure=unsure(jam),
        commit_beats=commitment.beats(jam) if jam.live and playing else -1,
        just_in_time=_just_in_time(jam),
    )


def show_plan(jam: Jam) -> None:
    """Show the plan as it stands now, drawn when there is time."""
    jam.show_drawn(partial(_plan_shown, jam, jam.now, jam.book.chords, jam.book.committed))


def _plan_shown(jam: Jam, ns: int, chords: tuple[ChordSpan, ...], committed: int) -> PlanShown:
    """The chords to come, for receivers of the plan; where they are hidden (RJ8), the one that sounds."""
    frame = jam.timeline.tick(ns) // FRAME_TICKS
    spans = [c for c in chords if c.onset + c.frames > frame]
    if not jam.options.incoming:
        spans = [c for c in spans if c.onset <= frame][:1]
    return PlanShown(
        ns,
        frame,
        tuple(
            (c.onset, c.frames, naming.label(jam, c.chord), c.onset < committed, round(c.confidence, 3)) for c in spans
        ),
        sure=_sure(jam),
        unsure=unsure(jam),
        commit_beats=commitment.beats(jam) if jam.live and jam.playing else -1,
        just_in_time=_just_in_time(jam),
        stability=-1.0 if jam.stability.share is None else round(jam.stability.share, 3),
    )


def _sure(jam: Jam) -> float:
    """How sure the band is of the chords ahead while it follows, 0-1; -1 where there is nothing to be sure of."""
    if not jam.live or not jam.playing or jam.following.sure is None:
        return -1.0
    return round(min(1.0, max(0.0, jam.following.sure)), 3)


def unsure(jam: Jam) -> bool:
    """Whether the band follows without knowing well where to."""
    return 0 <= _sure(jam) < UNSURE


def _just_in_time(jam: Jam) -> bool:
    """Whether the chord of the next strong beat waits for the player."""
    return jam.live and jam.playing and jam.options.just_in_time and commitment.beats(jam) == 0


def _word(jam: Jam, bar: int, beat: int, *, held: bool) -> str:
    s = jam.session
    state = s.state
    where = f"{bar}.{beat}" if bar else ""
    if state is State.IDLE:
        return "READY"
    if state is State.COMMITTED and s.material is not None:
        return "GOT IT"
    if state is State.COUNT_IN:
        return str(max(1, -int(-beats_until(jam, s.origin) // 1)))
    if state is State.ENDING and s.ending is not None:
        return f"END {max(1, -int(-beats_until(jam, s.ending) // 1))}"
    if state is State.PLAYING:
        return f"HELD {where}".strip() if held else f"PLAY {where}".strip()
    return {State.ARMED: "YOUR TURN", State.MENU: "MENU"}.get(state, f"LISTEN {where}".strip())


def _detail(jam: Jam) -> str:
    s = jam.session
    if s.state is State.COMMITTED and s.material is not None:
        phrase = s.material.phrase
        return f"{phrase.bars}x{phrase.meter} {phrase.bpm:.0f} {naming.key_shown(jam)}".strip()
    if s.state in (State.PLAYING, State.LISTEN_PLAY, State.ENDING):
        span = jam.book.chord_at(jam.timeline.tick(jam.now) // FRAME_TICKS)
        name = naming.name(jam, span.chord) if span is not None else ""
        return f"{name} ?" if name and unsure(jam) else name
    return "TUNING UP" if s.state is State.IDLE and _tuning(jam) else ""


def _tuning(jam: Jam) -> bool:
    """Whether the band has not come yet; feet and hands are heard all the same."""
    return not jam.models and "band" not in jam.faults and jam.now - jam.start_ns < TUNING_NS


def _bpm(jam: Jam) -> float | None:
    """Beats a minute as a musician counts them (dotted quarters in compound meters)."""
    if jam.session.pulse:
        return jam.timeline.tempo.bpm * 960 / jam.meter.beat_ticks
    return jam.options.bpm if jam.options.tempo_fixed else None


def _strip(jam: Jam, tick: int) -> tuple[StripChord, ...]:
    if not jam.session.pulse:
        return ()
    s, beat = jam.session, jam.meter.beat_ticks
    reach = jam.meter.four_beats * 3 // 2  # more than is seen: the strip moves on by itself until the next status
    start = tick // FRAME_TICKS
    end = (tick + reach) // FRAME_TICKS + 1
    spans = jam.book.chords
    material = s.material
    if jam.playing and material is not None and material.form and s.ear is not Ear.LISTENING:
        rest = repeated(material.form, s.origin, material.frames, max(jam.book.filled, start), end)
        spans = (*spans, *rest)
    shown = []
    for span in spans:
        lo, hi = span.onset * FRAME_TICKS, (span.onset + span.frames) * FRAME_TICKS
        if hi <= tick or lo >= tick + reach:
            continue
        if not jam.options.incoming:  # what sounds now, and nothing of when it will change
            if lo <= tick:
                name = naming.name(jam, span.chord)
                shown.append(StripChord(0.0, reach / beat, name, committed=True, confidence=span.confidence))
            continue
        at = max(lo, tick)
        shown.append(
            StripChord(
                (at - tick) / beat,
                (min(hi, tick + reach) - at) / beat,
                naming.name(jam, span.chord),
                span.onset < jam.book.committed,
                span.confidence,
            )
        )
    return tuple(shown)


def _bottom(jam: Jam) -> tuple[str, str, str]:
    found = [cell(jam.options.mode, jam.session.state, g).short for g in (Gesture.START, Gesture.STOP, Gesture.PLAY)]
    return found[0], found[1], found[2]


def _leds(jam: Jam, *, held: bool) -> tuple[Light, Light, Light]:
    if jam.flash[0] > jam.now:
        return LEDS[jam.flash[1]]
    below = jam.session.below_menu
    if below in (State.IDLE, State.COMMITTED) and _tuning(jam):
        return LEDS["boot"]
    if below is State.IDLE and jam.faults:
        return LEDS["error"]
    return LEDS["HELD" if held and jam.session.band is BandState.PLAYING else below.value]


def _hold(jam: Jam) -> tuple[str, float] | None:
    if jam.held_switch is None:
        return None
    name, since = jam.held_switch
    lasted = jam.now - since
    if lasted < HOLD_SHOWN_NS:
        return None
    return name, min(1.0, lasted / (jam.options.hold_s * 1e9))


def _countdown(jam: Jam) -> float:
    s = jam.session
    if s.ear is Ear.LISTENING and s.entry is not None and not jam.playing:
        return beats_until(jam, s.entry)
    return 0.0
