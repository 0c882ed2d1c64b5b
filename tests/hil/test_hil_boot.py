"""How the system came up: nothing failed, nothing went round in a circle, nobody waited for a network."""


def test_no_unit_failed(bench):
    bench.need("boot")
    assert bench.booted["failed"] == []


def test_no_ordering_cycle(bench):
    bench.need("boot")
    assert bench.booted["cycles"] == []


def test_nobody_waits_for_a_network(bench):
    bench.need("boot")
    told = bench.booted
    units = [unit for unit in (*told["waits_for"], *told["needs"]) if "network" in unit or "online" in unit]
    assert [unit for unit in units if not unit.endswith(".socket")] == []  # a socket is open at once


def test_it_was_ready_at_boot_with_nothing_attached(bench, budget, capsys):
    bench.need("boot")
    budget.says("boot_to_ready_s", bench.booted["ready_s"])
    budget.says("boot_to_multi_user_s", bench.booted["multi_user_s"])
    with capsys.disabled():
        print("\n" + bench.booted["time"] + bench.booted["chain"])  # noqa: T201 - for the report of the run


def test_the_box_is_ready_hardly_later_than_a_bare_system_is_up(bench, budget):
    bench.need("bare")
    budget.says("ready_over_bare", bench.booted["ready_s"] / bench.bare()["multi_user_s"])
