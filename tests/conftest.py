"""What all tests share: hypothesis profiles, slow tests only when asked for, the folder with the data sets."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("dev", deadline=None)
settings.register_profile(
    "ci", deadline=None, derandomize=True, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


def pytest_collection_modifyitems(config, items):
    """Leave slow tests out unless a marker expression or a test's own name asks for them."""
    if config.option.markexpr or any("::" in word for word in config.args):
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    if slow:
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if not item.get_closest_marker("slow")]


@pytest.fixture(scope="session")
def data_folder():
    """The folder with the data sets; the test skips where there is none."""
    given = os.environ.get("SIDEMAN_DATA", "")
    if not given:
        pytest.skip("SIDEMAN_DATA is not set: no data sets here")
    folder = Path(given)
    if not folder.is_dir():
        pytest.fail(f"SIDEMAN_DATA={given} is no folder")
    return folder
