"""The interpreters that import here; both are tested wherever both install."""

import importlib
from pathlib import Path

import pytest

from sideman.models.runtime import BACKENDS

DATA = Path(__file__).parent / "data"
"""The tiny test model; ``python -m sideman_lab.fixture`` wrote it."""


def _works(name):
    try:
        importlib.import_module(f"{name}.interpreter")
    except ImportError:
        return False
    return True


WORKING = tuple(name for name in BACKENDS if _works(name))

each_backend = pytest.mark.parametrize(
    "backend",
    [
        pytest.param(name, marks=() if name in WORKING else pytest.mark.skip(reason=f"{name} does not import here"))
        for name in BACKENDS
    ],
)
