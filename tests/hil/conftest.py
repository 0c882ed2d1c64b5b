"""The rig of the place that SIDEMAN_HIL names: fake (in this process), guest and card (emulated) or pi (a real one)."""

import os

import pytest

from tests.hil.rig import place


@pytest.fixture(scope="session")
def bench():
    """The rig, made once."""
    where = place()
    if where == "fake":
        from tests.hil.rig_fake import FakeRig

        made = FakeRig()
    elif where == "guest":
        from tests.hil.rig_guest import GuestRig, built

        made = GuestRig(built())
    elif where == "card":
        from tests.hil.rig_card import CardRig, named

        made = CardRig(named(), os.environ.get("SIDEMAN_MACHINE", "virt"))
    else:
        from tests.hil.rig_pi import PiRig

        made = PiRig()
    yield made
    made.close()


@pytest.fixture
def rig(bench):
    """The rig with nothing plugged and no service running."""
    bench.bench()
    yield bench
    bench.bench()


@pytest.fixture(scope="session")
def budget():
    """The budgets of this place."""
    from tests.hil.budget import Budget

    return Budget(place())


def pytest_collection_modifyitems(items):
    """The table of budgets comes last; an emulated machine takes its time, and is first built and booted."""
    items.sort(key=lambda item: item.path.name == "test_hil_budgets.py")
    for item in items:
        if item.path.parent.name == "hil" and place() != "fake":
            item.add_marker(pytest.mark.timeout(5400))
