"""What the box takes in a jam, beside what it may; the last test of all prints the table."""

from tests.hil.rig import is_band_note

JAM_S = 20.0
IDLE_S = 10.0
NEAR_S = 0.4
"""A note that sounds farther than this from its announced moment is another one."""


def whole(rig):
    """The figures when all three processes are there: a band that was too slow to answer has been replaced."""
    told = []
    rig.until(lambda: told.append(rig.figures()) or {"service", "band", "front"} <= set(told[-1]), "three processes")
    return told[-1]


def lateness(rig, since):
    """How late each announced note of the band sounded, in ms, sorted; it was announced with its moment over OSC."""
    heard = [(moment, (data[0] & 15) + 1, data[1]) for moment, data in rig.heard() if is_band_note(data)]
    found = []
    for moment, address, values in rig.said():
        if address != "/sideman/note" or moment < since:
            continue
        due = moment + values["due_s"]
        near = [m - due for m, channel, pitch in heard if (channel, pitch) == (values["channel"], values["pitch"])]
        near = [late for late in near if abs(late) < NEAR_S]
        if near:
            found.append(min(near, key=abs) * 1000)
    return sorted(found)


def test_a_jam_takes_no_more_than_it_may(rig, budget):
    rig.need("figures")
    rig.start({"pins": {"on": True}, "oled": {"on": True}})
    rig.plugged()
    rig.jam()
    since, before = rig.now(), whole(rig)
    rig.let(JAM_S)
    after = whole(rig)
    took = after["now"] - before["now"]
    for role in ("service", "band", "front"):
        budget.says(f"cpu_{role}", 100 * (after[role]["cpu_s"] - before[role]["cpu_s"]) / took)
        budget.says(f"memory_{role}", after[role]["rss_mb"])
        budget.says(f"files_{role}", after[role]["files"])
    budget.says("threads_service", after["service"]["threads"])
    budget.says("ports", after["ports"])
    budget.says("log_bytes", 60 * (after["log_bytes"] - before["log_bytes"]) / took)
    late = lateness(rig, since)
    assert len(late) > 50, f"only {len(late)} announced notes were found again"
    budget.says("late_p50_ms", late[len(late) // 2])
    budget.says("late_p99_ms", late[int(len(late) * 0.99)])


def test_an_idle_box_takes_next_to_nothing(rig, budget):
    rig.need("figures")
    rig.start({"pins": {"on": True}, "oled": {"on": True}})
    rig.let(2.0)
    before = whole(rig)
    rig.let(IDLE_S)
    after = whole(rig)
    used = sum(after[role]["cpu_s"] - before[role]["cpu_s"] for role in ("service", "band", "front"))
    budget.says("cpu_idle", 100 * used / (after["now"] - before["now"]))
    budget.says("log_bytes_idle", 60 * (after["log_bytes"] - before["log_bytes"]) / (after["now"] - before["now"]))


def test_the_table(budget, capsys):
    with capsys.disabled():
        print("\n" + budget.table())  # noqa: T201 - what it is for
    assert budget.exceeded() == []
