"""The models where they shall play: on that system's Python and interpreter they compute what they did at export."""

from sideman.service.doctor_program import FAMILIES


def test_every_model_reproduces_its_golden_outputs(bench):
    bench.need("systemd")
    told = {found["name"]: found for found in bench.ask("doctor")["findings"]}
    print(told["python"]["found"])  # noqa: T201 - for the report of the run
    for family in FAMILIES:
        found = told[f"model {family}"]
        print(f"{family}: {found['found']}")  # noqa: T201 - as above
        assert found["state"] == "ok"
        assert "golden outputs agree" in found["found"]
