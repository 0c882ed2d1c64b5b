import json

import bench_midi_through
import pytest


def test_all_ways_are_measured_beside_each_other(capsys):
    if why := bench_midi_through.missing():
        pytest.skip(why)
    assert bench_midi_through.main(["--notes", "40", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["ms"]
    assert set(rows) == {"straight", "bare", "edge", "edge_direct", "jam"}
    for values in rows.values():
        assert values["n"] >= 30
        assert 0 < values["p50"] <= values["p99"] <= values["max"]
