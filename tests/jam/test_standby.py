"""What plays while the band owes a plan: no chord sounds that the form does not have."""

from dataclasses import replace
from random import Random

import pytest

from sideman.jam import standby
from sideman.music.chords import Chord
from tests.jam.live_kit import SayingLink
from tests.jam.rig import RIFF, Rig
from tests.jam.test_follow import following

MS = 1_000_000
TAKES = 33


def strange(ask, plan):
    """A band that hears other chords than the rules do, unless it is told which stand."""
    if ask.chords or not plan.chords:
        return plan
    chords = tuple(replace(c, chord=Chord((c.chord.root + 1) % 12, "maj")) for c in plan.chords)
    notes = tuple(replace(n, pitch=n.pitch + 1) if n.part in ("bass", "chords") else n for n in plan.notes)
    return replace(plan, chords=chords, notes=notes)


def take(latency, seed, play=20.0, dead=False):
    """A phrase of four bars, STOP on its end, PLAY some beats later, by a band of its own ideas."""
    rig = Rig(tempo_fixed=True, bpm=96)
    rig.link = rig.jam.ports.link = SayingLink(rig.clock, strange, None if dead else latency)
    rig.link.post = rig.conductor.post
    shift = Random(seed).randrange(12)
    rig.press("START", -1)
    rig.play([p + shift - 6 for p in RIFF])
    rig.press("STOP", 16)
    rig.press("PLAY", play)
    return rig.run(play + 14)


def strange_notes(rig):
    """Bass notes on a bar line whose pitch is not in the chord that the form has there."""
    jam = rig.jam
    form, origin = jam.session.material.form, jam.session.origin
    found = []
    for _, tick, pitch, _ in rig.sounded("bass"):
        frame = round(tick / 240) - origin
        if frame >= 0 and frame % 16 == 0:
            chord = next(c.chord for c in form if c.onset <= frame % 64 < c.onset + c.frames)
            found += [tick] if pitch % 12 not in chord.pitch_classes else []
    return found


@pytest.mark.parametrize("latency", [0, 50, 300, 2000, None])
def test_what_sounds_is_in_the_form_however_late_the_band_is(latency):
    for seed in range(3):
        rig = take(None if latency is None else latency * MS, seed)
        assert rig.sounded("bass")
        assert strange_notes(rig) == [], (latency, seed)


def test_chords_sound_on_beat_one_where_stop_came_a_beat_before_play():
    """At least 95 of 100 takes with an awake band (specification: first beats)."""
    on_one = 0
    for seed in range(TAKES):
        rig = take(2 * MS, seed, play=17.0 + Random(seed).random() * 4)
        first = rig.jam.session.origin * 240
        on_one += any(abs(n[1] - first) < 240 for n in rig.sounded("chords") + rig.sounded("bass"))
    assert on_one >= 0.95 * TAKES


def test_after_patience_the_form_by_rules_stays_the_form():
    rig = take(2_800 * MS, 1, play=16.5)
    assert rig.did("form_by_rules")
    assert rig.jam.session.material.form


def test_a_plan_with_other_chords_than_the_forms_does_not_agree():
    rig = take(2 * MS, 2)
    jam = rig.jam
    frames = jam.session.material.frames
    plan = standby.by_rules(jam, jam.session.origin, jam.session.origin + frames)
    assert standby.agrees(jam, plan)
    assert not standby.agrees(jam, strange(replace(rig.link.asks[0], chords=()), plan))


def test_a_follower_without_a_plan_plays_drums_alone_until_patience_ends():
    rig = following(latency_ns=None).run(20)
    line, entry = rig.jam.timeline, rig.jam.session.entry
    bar = line.meter.bar_frames
    early = [n for n in rig.sounded("bass") + rig.sounded("chords") if n[1] < (entry + bar) * 240 - 120]
    assert early == []
    assert [n for n in rig.sounded("bass") if n[1] >= (entry + bar) * 240 - 120]
    assert [n for n in rig.sounded("drums") if n[1] < (entry + bar) * 240]
