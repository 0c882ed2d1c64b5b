"""Tap tempo: three or more even presses say how fast, and where a downbeat is."""

from __future__ import annotations

from dataclasses import replace

from sideman.jam.core import Jam
from sideman.jam.modes import mode_of
from sideman.jam.phrase import NEAR, REINTERPRETED, reinterpret
from sideman.jam.states import Ear
from sideman.music.meter import TICKS_PER_QUARTER
from sideman.music.tempo import NS_PER_MINUTE, clamp_bpm


def tap(jam: Jam, taps: tuple[int, ...] = ()) -> None:
    """Take taps as the tempo; the first is a downbeat.

    BPM and taps count quarters, or dotted quarters in compound meters.

    Args:
        jam: The jam.
        taps: Moments of the presses in nanoseconds; fewer than three do nothing.
    """
    if len(taps) < 3:
        return
    interval = (taps[-1] - taps[0]) / (len(taps) - 1)
    quarters_a_tap = jam.meter.beat_ticks / TICKS_PER_QUARTER
    bpm = clamp_bpm(NS_PER_MINUTE / interval * quarters_a_tap)
    jam.flash = (jam.now + 300_000_000, "tap")
    jam.say(f"TAP {bpm / quarters_a_tap:.0f}")
    jam.log("tap", bpm=bpm, taps=len(taps))
    jam.found_bpm = None  # a tapped tempo holds: nothing leans on the playing
    if jam.playing:
        jam.timeline.tempo.change(max(jam.timeline.tick(jam.now), jam.timeline.floor), bpm)
        jam.retime()
        if jam.session.material is not None and jam.session.ear is not Ear.LISTENING:
            set_speed(jam, bpm)
        return
    material = jam.session.material
    if material is not None and jam.session.ear is Ear.OFF:
        _material_tempo(jam, bpm)
        jam.timeline.anchor(taps[0], bpm, jam.meter)
        jam.become(pulse=True)
        return
    jam.timeline.anchor(taps[0], bpm, jam.options.meter)
    ear = jam.session.ear if jam.session.ear is not Ear.OFF else Ear.ARMED
    jam.become(ear=ear, tapped=bpm, pulse=True)
    jam.schedule_frames()


def _material_tempo(jam: Jam, bpm: float) -> None:
    material = jam.session.material
    if material is None:
        return
    ratio = bpm / material.phrase.bpm
    for meant in REINTERPRETED:
        if abs(ratio / meant - 1) < NEAR:
            jam.session = replace(jam.session, material=reinterpret(material, meant, bpm), epoch=jam.session.epoch + 1)
            jam.say(f"BEAT IS {bpm:.0f}")
            break
    else:
        set_speed(jam, bpm)
        jam.session = replace(jam.session, epoch=jam.session.epoch + 1)
    jam.prepared = None
    jam.phrase_known = -1
    mode_of(jam).prepare(jam)


def set_speed(jam: Jam, bpm: float) -> None:
    """The phrase is played at this tempo from now on."""
    material = jam.session.material
    if material is not None:
        faster = replace(material, phrase=replace(material.phrase, bpm=bpm))
        jam.session = replace(jam.session, material=faster)
