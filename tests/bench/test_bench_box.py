import json
import subprocess
import sys

import bench_cues
import bench_offline
import bench_start


def test_speeds_are_measured_beside_their_floors(capsys):
    assert bench_offline.main(["--runs", "1", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    for name in ("offline", "replay"):
        assert 0 < rows[name]["worst"] <= rows[name]["p50"] < rows[name]["floor_p50"]


def test_start_memory_and_load_are_measured(capsys):
    assert bench_start.main(["--runs", "1", "--idle", "0.2", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found["rss_mb"]) == {"service", "band", "front"}
    assert found["start_floor_s"]["p50"] < found["start_s"]["p50"]
    assert min(found["rss_mb"].values()) > found["rss_floor_mb"] > 1


def test_cues_are_measured_beside_the_floor():
    command = [sys.executable, bench_cues.__file__, "--load", "band", "--seconds", "5"]
    row = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    assert row["ms"]["n"] > 50
    assert 0 < row["floor"]["p50"] <= row["floor"]["p99"]
    assert row["plans"] > 3
