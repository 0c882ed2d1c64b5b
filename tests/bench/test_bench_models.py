import json

import bench_models

from sideman.models.library import families


def test_every_model_is_measured_beside_its_floor(capsys):
    assert bench_models.main(["--runs", "20", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["family"] for row in rows} == set(families())
    for row in rows:
        for figures in (row["ms"], row["floor"]):
            assert figures["n"] == 20
            assert 0 < figures["p50"] <= figures["p99"] <= figures["max"]
    assert "floor" in bench_models.table(rows)
