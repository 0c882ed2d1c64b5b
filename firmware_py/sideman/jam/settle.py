"""A changed setting takes hold: at once where nothing sounds, on a bar line where it does.

What is committed stays: a change lands on the first bar line that is not committed yet.
"""

from __future__ import annotations

from dataclasses import replace

from sideman.jam.book import border
from sideman.jam.core import Jam
from sideman.jam.knobs import BY_KEY, Knob, Turn
from sideman.jam.modes import MODES, mode_of
from sideman.jam.options import LINEUPS, Options, with_setting
from sideman.jam.session import Material
from sideman.jam.states import Ear
from sideman.jam.tap import set_speed
from sideman.jam.timeline import LEAD_TICKS
from sideman.music.forms import bars_of
from sideman.music.meter import FRAME_TICKS, TICKS_PER_QUARTER
from sideman.music.tempo import clamp_bpm

_HARMONY = frozenset(
    ("jam.key", "chords.preset", "chords.harmonic_rhythm", "chords.complexity", "chords.cadence", "chords.form")
) | {"chords.key_lock", "chords.scale"}
"""Settings that a phrase's chords depend on."""


def change(jam: Jam, key: str, text: str) -> None:
    """A setting changes, from the menu or from outside; a value that makes no sense is refused."""
    before = jam.options
    after = _changed(before, key, text)
    if after is None:
        jam.log("refused_setting", key=key, value=text)
        jam.say(f"NO {text[:18].upper()}", refused=True)
        return
    if key == "jam.mode":
        _leave_mode(jam, after.mode)
    jam.options = after
    jam.log("setting", key=key, value=text)
    if key.startswith("listen.ghost"):
        jam.listener.ghost_ns = round(after.ghost_ms * 1e6)
        jam.listener.ghost_velocity = after.ghost_velocity
    elif key.startswith(("parts.", "levels.")):
        jam.at(jam.now, "levels", None)
    elif key == "jam.lineup":
        _lineup(jam, before)
    elif key in ("tempo.bpm", "tempo.mode") and after.tempo_fixed:
        _tempo(jam)
    elif key in _HARMONY and after != before:
        _harmony(jam)
    elif key in ("jam.transpose", "jam.style", "jam.variation"):
        if key == "jam.style":
            _sounds(jam)
        _anew(jam)


def turn(jam: Jam, wanted: Turn) -> None:
    """A pedal turns a knob, and the display says what it is now."""
    knob = wanted.knob
    by = -1 if wanted.word == "down" else 1
    text = wanted.value or knob.stepped(jam.options, by, round_=wanted.word == "next")
    choose(jam, knob, text)
    jam.say(f"{knob.name.upper()} {knob.shown(knob.now(jam.options))}"[:21])


def choose(jam: Jam, knob: Knob, text: str) -> None:
    """A foot chose a value: it holds, and is remembered in an order in which the settings take it again."""
    change(jam, knob.key, text)
    kept = tuple((k, v) for k, v in jam.chosen if k != knob.key)
    mine = (knob.key, text if knob.key == "chords.preset" else knob.now(jam.options))
    if knob.key != "follow.lookahead_beats":
        jam.chosen = (*kept, mine)
        return
    commit = str(jam.options.commit_beats)  # it may have come down with the lookahead, and is no good before it
    jam.chosen = (mine, *((k, commit if k == "follow.commit_beats" else v) for k, v in kept))


def _changed(before: Options, key: str, text: str) -> Options | None:
    """The options after a change, None where the value makes no sense; the commit never passes the lookahead."""
    knob = BY_KEY.get(key)
    try:
        after = with_setting(before, key, text)
    except ValueError:
        return None
    if after.mode not in MODES or (knob is not None and not knob.allows(knob.now(after))):
        return None
    if after.commit_beats > after.lookahead_beats:
        after = replace(after, commit_beats=after.lookahead_beats)
    return after


def landing(jam: Jam) -> int:
    """Tick of the first bar line that is not committed."""
    line = jam.timeline
    return line.next_bar_line(max(line.tick(jam.now), jam.book.committed * FRAME_TICKS - 1))


def _anew(jam: Jam) -> None:
    """What is not committed, or made ready, is asked for again."""
    if jam.playing:
        mode_of(jam).replan(jam)
    elif jam.session.material is not None and jam.session.ear is Ear.OFF:
        jam.prepared = None
        jam.pending.clear()
        jam.arrived.clear()
        jam.phrase_known = -1
        mode_of(jam).prepare(jam)
        jam.schedule_frames()


def _sounds(jam: Jam) -> None:
    """The style's own sounds come with its first notes."""
    moment = jam.timeline.ns(landing(jam) - LEAD_TICKS) if jam.playing else jam.now
    jam.at(max(moment, jam.now), "sounds", jam.options.style)


def _lineup(jam: Jam, before: Options) -> None:
    gone = set(LINEUPS[before.lineup]) - set(LINEUPS[jam.options.lineup])
    if jam.playing:
        tick = landing(jam)
        cut = border(tick // FRAME_TICKS)
        jam.book.notes = [n for n in jam.book.notes if n.part not in gone or n.tick < cut]
        jam.at(jam.timeline.ns(tick), "lineup", tuple(sorted(gone)))
    _anew(jam)


def _tempo(jam: Jam) -> None:
    """The fixed tempo is that of the phrase too, from the next bar line on if it sounds."""
    if jam.session.material is None and not jam.playing:
        return
    line = jam.timeline
    bpm = clamp_bpm(jam.options.bpm * jam.meter.beat_ticks / TICKS_PER_QUARTER)
    set_speed(jam, bpm)
    if jam.playing:
        line.tempo.change(line.next_bar_line(max(line.tick(jam.now), line.floor)), bpm)
        jam.retime()
    else:
        _anew(jam)


def _harmony(jam: Jam) -> None:
    """The phrase is harmonised again with these wishes; what is followed is planned with them from the next beat on."""
    material = jam.session.material
    if material is None or jam.live:
        return
    key = "" if jam.options.key == "auto" else jam.options.key
    before = material.form or material.before if jam.playing else ()
    other = in_form(jam, replace(material, form=(), before=before, key=key, phrase=replace(material.phrase, key=key)))
    jam.session = replace(jam.session, material=other, epoch=jam.session.epoch + 1)
    jam.pending.clear()
    jam.arrived.clear()
    jam.phrase_known = -1
    _anew(jam)


def in_form(jam: Jam, material: Material) -> Material:
    """The phrase in the form that was given, if one was."""
    return replace(material, bars=bars_of(jam.options.form))


def _leave_mode(jam: Jam, other: str) -> None:
    """A mode change keeps what is playing: what was followed goes on as a held form."""
    if other == jam.options.mode or not jam.playing or jam.session.ear is not Ear.LISTENING:
        return
    if jam.options.mode == "follow":
        mode_of(jam).hold(jam)
    elif jam.session.listen_ns is not None:
        jam.heard_sent_ns = jam.session.listen_ns
