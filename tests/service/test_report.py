"""``report.json`` of the demo on the offline clock: every key of the schema, and figures enough for a percentile."""

import pytest

from sideman.service import demo

LATENESS = {"n", "p50", "p99", "p999", "max"}


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    return demo.scene(tmp_path_factory.mktemp("demo"), fast=True)


def test_lateness_and_its_floor_have_the_same_keys(report):
    late = report["lateness_ms"]
    assert set(late) == LATENESS | {"floor"}
    assert set(late["floor"]) == LATENESS
    assert late["floor"]["n"] == 0  # nothing is late on the offline clock: there is no floor to measure


def test_every_network_is_measured_by_frame_bar_and_note(report):
    taken = report["model_ms"]
    assert set(taken) == {"chords", "drums", "melody"}
    for figures in taken.values():
        assert set(figures) == {"n", "p50", "p99", "max"}
        assert figures["n"] >= 20
        assert 0 <= figures["p50"] <= figures["p99"] <= figures["max"]


def test_the_schema_is_whole(report):
    assert report["schema"] == 1
    assert report["realtime"] is False
    assert set(report["rss_mb"]) == {"service", "band"}
    assert set(report["notes_per_part"]) == {"drums", "bass", "chords", "solo"}
    assert {"s", "beat", "ear", "band", "shown"} <= set(report["states"][0])
    assert {"take", "baselines"} <= set(report["nic"])
    assert report["hung_notes"] == 0
