import json

import bench_follow


def test_first_plans_and_others_are_measured_beside_the_floor(capsys):
    assert bench_follow.main(["--quick", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    names = {bench_follow.FLOOR, bench_follow.FIRST, bench_follow.PLAN}
    assert names | {f"warm-up: {name}" for name in names} <= set(rows)
    for row in rows.values():
        assert 0 < row["p50"] <= row["p99"] <= row["max"]
