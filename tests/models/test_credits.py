"""NOTICE credits every data set that some weights were trained on, and no other."""

import re
from pathlib import Path

import pytest

from sideman.models.library import read_manifest
from sideman.music import tempo_weights

OWN = {"generated", "pieced"}
"""Made by the project's own code, of nothing or of sets that are credited: nobody else to name."""
NOTICE = Path(__file__).parents[2] / "NOTICE"


def learned_from():
    """Ids of the data sets: the first word of each entry of ``trained_on``, and the tempo net's."""
    named = [name for entry in read_manifest().values() for name in entry.trained_on]
    ids = {name.split()[0].rstrip(":,") for name in (*named, *tempo_weights.TRAINED_ON)}
    return ids - OWN


@pytest.mark.skipif(not NOTICE.exists(), reason="an installed package has its NOTICE elsewhere")
def test_notice_and_weights_name_the_same_data_sets():
    credited = set(re.findall(r"^\[([\w-]+)\] \S", NOTICE.read_text(encoding="utf-8"), re.MULTILINE))
    assert credited == learned_from()
