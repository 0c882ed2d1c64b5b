"""The box comes up with nothing attached, and hears what is plugged in later."""

from tests.hil.rig import INSTRUMENT


def test_it_is_ready_with_nothing_attached(rig, budget):
    budget.says("start_s", rig.start())
    assert "output" in rig.status()
    rig.shown("/sideman/state", state="IDLE")


def test_an_instrument_is_heard_soon_after_it_is_plugged_in(rig, budget):
    rig.start()
    rig.state("IDLE")
    budget.says("plug_to_heard_s", rig.plug_and_hear(61, rig.patience_s))
    rig.shown("/sideman/health", instrument=INSTRUMENT)


def test_osc_says_what_happens(rig):
    rig.start({"pins": {"on": True}})
    rig.plugged()
    rig.jam()
    addresses = {address for _, address, _ in rig.said()}
    assert {"/sideman/state", "/sideman/health", "/sideman/beat", "/sideman/note", "/sideman/plan"} <= addresses
    notes = [values for _, address, values in rig.said() if address == "/sideman/note"]
    assert {values["part"] for values in notes} >= {"drums", "bass"}
    numbers = [values["seq"] for _, _, values in rig.said() if "seq" in values]
    assert numbers == sorted(numbers)


def test_a_sound_card_with_raw_midi_gets_every_byte(rig):
    rig.need("raw_output")
    rig.ask("plug_raw_output")
    rig.start({"midi": {"output": "VirMIDI"}})
    rig.plug()
    played = [(0x90, pitch, 100) for pitch in range(40, 60)] + [(0x80, pitch, 0) for pitch in range(40, 60)]

    def arrived():
        return [tuple(data) for _, data in rig.ask("raw") if data[0] & 0xF0 in {0x80, 0x90}]

    rig.until(lambda: bool(rig.play([(0, (0x90, 30, 1)), (0, (0x80, 30, 0))])) and bool(arrived()), "it is heard")
    rig.play([(0.02 * index, data) for index, data in enumerate(played)])
    rig.until(lambda: len([data for data in arrived() if data[1] != 30]) >= len(played), "every note", arrived)
    assert [data for data in arrived() if data[1] != 30] == played
