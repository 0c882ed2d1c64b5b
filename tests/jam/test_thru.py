"""The player is a part too: pass-through, several instruments, pulled cables, pedals; nothing is left sounding."""

import pytest

from sideman.jam.cues import NoteSounds
from sideman.jam.events import Controller, NoteOff, NoteOn, OtherMidi, PortAppeared, PortVanished, SettingChanged
from sideman.service.take import take_of
from tests.jam.rig import Rig, playing

CHANNEL = 0


def post(rig, *events):
    for event in events:
        rig.conductor.post(event)


def sent(rig, kind):
    return [(ns, d) for ns, d in rig.out.sent if d[0] & 0xF0 == kind]


def test_a_key_sounds_at_its_own_moment_on_the_players_channel():
    rig = Rig()
    post(rig, NoteOn(rig.at(0), "keys", 5, 60, 77), NoteOff(rig.at(1), "keys", 5, 60))
    rig.run(2)
    assert sent(rig, 0x90) == [(rig.at(0), bytes((0x90 | CHANNEL, 60, 77)))]
    assert sent(rig, 0x80) == [(rig.at(1), bytes((0x80 | CHANNEL, 60, 0)))]


def test_thru_off_and_mute_sound_nothing_but_are_heard():
    for key, value in (("midi.thru", "off"), ("parts.player.mute", "true")):
        rig = Rig()
        post(rig, SettingChanged(rig.at(-1), key, value))
        rig.press("START", -0.5)
        post(rig, NoteOn(rig.at(0), "keys", 0, 60, 77))
        rig.run(1)
        assert sent(rig, 0x90) == []
        assert rig.state == "LISTENING"


def test_the_same_key_of_two_instruments_sounds_until_both_are_up():
    rig = Rig()
    post(rig, NoteOn(rig.at(0), "a", 0, 60, 77), NoteOn(rig.at(0.5), "b", 0, 60, 80))
    post(rig, NoteOff(rig.at(1), "a", 0, 60))
    rig.run(1.2)
    assert rig.out.hung() == {(CHANNEL, 60)}
    post(rig, NoteOff(rig.at(2), "b", 0, 60))
    assert rig.run(3).out.hung() == set()


def test_a_key_struck_twice_is_released_in_between():
    rig = Rig()
    post(rig, NoteOn(rig.at(0), "a", 0, 60, 77), NoteOn(rig.at(1), "a", 0, 60, 80), NoteOff(rig.at(2), "a", 0, 60))
    rig.run(3)
    assert [d[0] & 0xF0 for _, d in rig.out.sent if d[0] & 0xF0 in (0x80, 0x90)] == [0x90, 0x80, 0x90, 0x80]


@pytest.mark.parametrize("second", ["a", "b"])
def test_overlapping_repeats_end_in_the_take_and_at_the_output(second):
    rig = Rig()
    post(rig, NoteOn(rig.at(0), "a", 0, 60, 77), NoteOn(rig.at(1), second, 0, 60, 80))
    post(rig, NoteOff(rig.at(1.5), "a", 0, 60), NoteOff(rig.at(2), second, 0, 60))
    rig.run(40)
    recorded = rig.jam.recorder.player
    assert [note.on for note in recorded] == [rig.at(0), rig.at(1)]
    assert [note.off for note in recorded] == [rig.at(1), rig.at(1.5)]
    assert all(length < 960 * 2 for _, length, _, _ in take_of(rig.jam).parts["player"].notes)
    assert rig.out.hung() == set()
    assert all(note.off_ns is not None for note in rig.jam.listener.notes)


@pytest.mark.parametrize("beat", [0.5, 25.0])
def test_unplugging_ends_that_instruments_notes_at_once_and_no_others(beat):
    rig = playing() if beat > 20 else Rig()
    post(rig, PortAppeared(rig.at(beat - 0.6), "a", "in"), PortAppeared(rig.at(beat - 0.6), "b", "in"))
    post(rig, NoteOn(rig.at(beat - 0.4), "a", 0, 90, 77), NoteOn(rig.at(beat - 0.4), "b", 0, 92, 77))
    post(rig, Controller(rig.at(beat - 0.3), "a", 0, 64, 127), PortVanished(rig.at(beat), "a", "in"))
    rig.run(beat + 0.05)
    assert (CHANNEL, 90) not in rig.out.hung()
    assert (CHANNEL, 92) in rig.out.hung()
    assert [ns for ns, d in sent(rig, 0x80) if d[1] == 90] == [rig.at(beat)]
    assert (rig.at(beat), bytes((0xB0 | CHANNEL, 64, 0))) in sent(rig, 0xB0)
    assert rig.status.notice == "UNPLUGGED"
    if beat > 20:
        assert rig.run(31).state == "PLAYING"
        assert max(n[1] for n in rig.sounded("bass")) > rig.jam.timeline.tick(rig.at(28)) - 200


def test_a_plugged_instrument_is_shown():
    rig = Rig()
    post(rig, PortAppeared(rig.at(0), "Stage Piano", "in"))
    rig.run(0.1)
    assert rig.status.instrument == "Stage Piano"
    assert rig.status.notice == "Stage Piano"


def test_a_new_output_gets_programs_and_levels():
    rig = Rig()
    rig.run(0)
    before = len(rig.out.sent)
    post(rig, PortAppeared(rig.at(1), "synth", "out"))
    rig.run(2)
    fresh = [d for _, d in rig.out.sent[before:]]
    assert {d[0] & 0x0F for d in fresh if d[0] & 0xF0 == 0xC0} == {0, 1, 2, 3, 9}
    assert rig.status.output == "synth"
    post(rig, PortVanished(rig.at(3), "synth", "out"))
    assert rig.run(4).status.output == ""


def test_controllers_pass_but_not_volume_and_channel_modes():
    rig = Rig()
    for number in (1, 7, 64, 120, 123):
        post(rig, Controller(rig.at(number / 100), "a", 3, number, 99))
    rig.run(2)
    passed = [d[1] for ns, d in sent(rig, 0xB0) if ns >= rig.at(0) and d[0] & 15 == CHANNEL]
    assert passed == [1, 64]


def test_bend_and_pressure_pass_programs_do_not():
    rig = Rig()
    for i, data in enumerate((b"\xe5\x01\x40", b"\xd5\x22", b"\xa5\x3c\x11", b"\xc5\x07")):
        post(rig, OtherMidi(rig.at(i + 1), "a", data))
    rig.run(6)
    passed = [d for ns, d in rig.out.sent if ns >= rig.at(1)]
    assert passed == [b"\xe0\x01\x40", b"\xd0\x22", b"\xa0\x3c\x11"]


def test_shutdown_lifts_held_keys_and_the_pedal():
    rig = Rig()
    post(rig, NoteOn(rig.at(0), "a", 0, 60, 77), Controller(rig.at(0), "a", 0, 64, 127))
    rig.finish(1)
    assert rig.out.hung() == set()
    assert (rig.at(1), bytes((0xB0 | CHANNEL, 64, 0))) in sent(rig, 0xB0)


def test_the_stage_hears_the_player_too():
    rig = Rig()
    rig.note(0, 60, 0.5)
    rig.run(1)
    heard = [(i.part, i.pitch, bool(i.velocity)) for i in rig.front.items if isinstance(i, NoteSounds)]
    assert heard == [("player", 60, True), ("player", 60, False)]


def test_a_band_note_on_the_players_pitch_does_not_cut_it():
    rig = playing()
    for pitch in range(36, 84):
        rig.conductor.post(NoteOn(rig.at(21), "keys", 0, pitch, 80))
    rig.run(30)
    assert {p for c, p in rig.out.hung() if c == CHANNEL} == set(range(36, 84))


def test_drum_pads_sound_as_drums_and_never_hang():
    rig = Rig()
    post(rig, NoteOn(rig.at(0), "pads", 9, 38, 77), NoteOff(rig.at(1), "pads", 9, 38))
    rig.run(2)
    assert [d for ns, d in rig.out.sent if ns >= rig.at(0) and d[1] == 38] == [b"\x99\x26\x4d", b"\x89\x26\x00"]
    assert rig.out.hung() == set()


def test_drum_pads_are_a_track_of_their_own_in_the_take():
    rig = Rig()
    post(rig, NoteOn(rig.at(0), "keys", 0, 60, 77), NoteOff(rig.at(1), "keys", 0, 60))
    post(rig, NoteOn(rig.at(0), "pads", 9, 36, 99), NoteOff(rig.at(1), "pads", 9, 36))
    rig.run(2)
    parts = take_of(rig.conductor.jam).parts
    assert [note[2] for note in parts["player"].notes] == [60]
    assert [parts["pads"].channel, [note[2] for note in parts["pads"].notes]] == [9, [36]]
