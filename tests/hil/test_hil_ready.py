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
