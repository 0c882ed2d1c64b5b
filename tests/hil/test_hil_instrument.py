"""The instrument's plug: in a chord, and fifty times over."""

from tests.hil.rig import INSTRUMENT

CHORD = (60, 64, 67)
CYCLES = {"fake": 5, "guest": 50, "card": 50, "pi": 50}


def test_pulled_in_a_chord_its_notes_end_and_the_band_plays_on(rig):
    rig.start({"pins": {"on": True}})
    rig.plugged()
    rig.jam()
    rig.play([(0.0, (0x90, pitch, 100)) for pitch in CHORD])
    rig.until(lambda: {(0, pitch) for pitch in CHORD} <= rig.hung(), "the chord sounds")
    rig.unplug()
    rig.until(lambda: not {note for note in rig.hung() if note[0] == 0}, "the chord ends")
    rig.goes_on()
    since = rig.plug()
    rig.shown("/sideman/health", since=since, instrument=INSTRUMENT)
    rig.play([(0.0, (0x90, 74, 100)), (0.1, (0x80, 74, 0))])
    rig.until(lambda: any(bytes(data) == bytes((0x90, 74, 100)) for _, data in rig.heard()), "it is heard as before")
    rig.press("STOP")
    rig.state("COMMITTED", since)
    rig.until(lambda: rig.hung() == set(), "silence")


def test_many_plugs_leave_nothing_behind(rig, budget):
    rig.start()
    assert rig.plug_cycles(2) == []
    before = rig.figures()
    assert rig.plug_cycles(CYCLES[rig.place]) == []
    after = rig.figures()
    budget.says("ports_leaked", after["ports"] - before["ports"])
    if "figures" in rig.can:
        budget.says("files_leaked", after["service"]["files"] - before["service"]["files"])
        assert after["service"]["threads"] <= before["service"]["threads"]
