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


def test_a_plug_that_slips_for_a_moment_is_heard_again(rig):
    rig.start()
    rig.plugged()
    for pitch in (61, 62, 63):
        rig.unplug()
        assert rig.plug_and_hear(pitch, rig.patience_s) is not None, rig.journal()[-1500:]


def ports_at_rest(rig):
    """Ports of the box when their number has stood for a second: one is closed a little after it was missed."""
    seen = [rig.figures()["ports"]]

    def stand():
        rig.let(0.5)
        seen.append(rig.figures()["ports"])
        return len(seen) > 2 and len(set(seen[-3:])) == 1

    rig.until(stand, "the number of ports stands", lambda: seen)
    return seen[-1]


def test_many_plugs_leave_nothing_behind(rig, budget):
    rig.start()
    assert rig.plug_cycles(2) == []
    ports, before = ports_at_rest(rig), rig.figures()
    assert rig.plug_cycles(CYCLES[rig.place]) == []
    budget.says("ports_leaked", ports_at_rest(rig) - ports)
    after = rig.figures()
    if "figures" in rig.can:
        budget.says("files_leaked", after["service"]["files"] - before["service"]["files"])
        assert after["service"]["threads"] <= before["service"]["threads"]
