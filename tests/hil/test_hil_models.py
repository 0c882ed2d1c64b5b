"""The models where they shall play: on that system's Python and interpreter they compute what they did at export."""

from sideman.service.doctor_program import FAMILIES


def test_every_model_reproduces_its_golden_outputs(bench, capsys):
    bench.need("systemd")
    told = {found["name"]: found for found in bench.ask("doctor")["findings"]}
    with capsys.disabled():
        for name in ("python", *(f"model {family}" for family in FAMILIES)):
            print(f"\n{name}: {told[name]['found']}", end="")  # noqa: T201 - for the report of the run
    for family in FAMILIES:
        found = told[f"model {family}"]
        assert found["state"] == "ok"
        assert "golden outputs agree" in found["found"]
