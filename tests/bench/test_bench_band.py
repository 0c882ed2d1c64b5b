import json

import bench_band


def test_every_kind_of_answer_is_measured_beside_the_floor(capsys):
    assert bench_band.main(["--runs", "17", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["ms"]
    kinds = {name.partition(": ")[0] for name in rows}
    assert kinds == {"models", "rules", "floor"}
    assert len(rows) == 7
    for row in rows.values():
        assert 0 < row["p50"] <= row["p99"] <= row["max"]
