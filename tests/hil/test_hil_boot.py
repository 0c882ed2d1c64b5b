"""How the system came up: nothing failed, nothing went round in a circle, nobody waited for a network."""


def test_no_unit_failed(rig):
    rig.need("boot")
    assert rig.boot_report()["failed"] == []


def test_no_ordering_cycle(rig):
    rig.need("boot")
    assert rig.boot_report()["cycles"] == []


def test_nobody_waits_for_a_network(rig):
    rig.need("boot")
    told = rig.boot_report()
    assert not [unit for unit in (*told["waits_for"], *told["needs"]) if "network" in unit or "online" in unit]


def test_it_was_ready_at_boot_with_nothing_attached(bench, budget):
    bench.need("boot")
    budget.says("boot_to_ready_s", bench.booted["ready_s"])
    budget.says("boot_to_multi_user_s", bench.booted["multi_user_s"])
    print(bench.booted["chain"])  # noqa: T201 - for the report of the run
