"""The card's layout, its partition table, and the growing of its last partition."""

import itertools
import json
import os
import shutil
import subprocess

import pytest
from tests.image.machine import LAYOUT, Card

from sideman.service.card import MIB, CardError, disk_size, extents, grow, read_layout, read_table

LARGE = 16_021_192_704
"""Bytes of a card sold as 16 GB; no multiple of the alignment."""


@pytest.fixture
def card(tmp_path):
    card = Card(tmp_path / "card.img")
    yield card
    os.close(card.handle)


def test_two_slots_that_share_nothing():
    a, b = LAYOUT.slots
    assert len({a.boot, a.root, b.boot, b.root}) == 4
    for kind in ("boot", "root"):
        assert LAYOUT.partition(getattr(a, kind)).size == LAYOUT.partition(getattr(b, kind)).size


def test_partitions_are_aligned_and_apart():
    places = [place for number, place in sorted(extents(LAYOUT).items()) if number != 4]
    assert all(place.start % LAYOUT.align == 0 for place in places)
    for before, after in itertools.pairwise(places):
        assert before.start + before.size <= after.start


def test_what_is_written_is_what_is_read(card):
    assert read_table(card.handle) == extents(LAYOUT)


def test_sfdisk_reads_the_same(card, tmp_path):
    if shutil.which("sfdisk") is None:
        pytest.skip("needs sfdisk (Debian package fdisk)")
    done = subprocess.run(["sfdisk", "--json", tmp_path / "card.img"], check=True, capture_output=True, text=True)
    said = json.loads(done.stdout)["partitiontable"]
    assert (said["label"], int(said["id"], 16)) == ("dos", LAYOUT.disk_id)
    seen = {
        int(p["node"].removeprefix(str(tmp_path / "card.img"))): (p["start"], p["size"]) for p in said["partitions"]
    }
    assert seen == {n: (e.start // 512, e.size // 512) for n, e in extents(LAYOUT).items()}


def test_the_last_partition_grows_to_the_end_and_nothing_else_moves(card):
    before = read_table(card.handle)
    grown = grow(card.handle, LARGE, LAYOUT)
    after = read_table(card.handle)
    assert after[7] == grown
    assert LARGE - LAYOUT.align < grown.start + grown.size <= LARGE
    assert {n: e for n, e in after.items() if n not in (4, 7)} == {n: e for n, e in before.items() if n not in (4, 7)}
    assert after[4].start + after[4].size == grown.start + grown.size
    assert grow(card.handle, LARGE, LAYOUT) is None, "the next start has nothing to do"


@pytest.mark.parametrize("writes", [0, 1])
def test_power_lost_while_growing_leaves_a_table_that_grows_again(card, monkeypatch, writes):
    real, left = os.pwrite, [writes]

    def pwrite(handle, data, at):
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        return real(handle, data, at)

    monkeypatch.setattr(os, "pwrite", pwrite)
    with pytest.raises(KeyboardInterrupt):
        grow(card.handle, LARGE, LAYOUT)
    monkeypatch.undo()
    places = read_table(card.handle)
    assert places[7] == extents(LAYOUT)[7]
    assert places[4].start + places[4].size >= places[7].start + places[7].size
    assert grow(card.handle, LARGE, LAYOUT) is not None


def test_a_card_no_larger_than_the_image_stays(card):
    assert grow(card.handle, disk_size(LAYOUT), LAYOUT) is None


def test_another_disk_is_left_alone(tmp_path):
    handle = os.open(tmp_path / "other.img", os.O_RDWR | os.O_CREAT)
    os.ftruncate(handle, 64 * MIB)
    with pytest.raises(CardError, match="no partition table"):
        grow(handle, LARGE, LAYOUT)
    os.pwrite(handle, b"\x55\xaa", 510)
    with pytest.raises(CardError, match="stays as it is"):
        grow(handle, LARGE, LAYOUT)
    os.close(handle)


@pytest.mark.parametrize(
    "text",
    [
        "schema = 2",
        "schema = 1",
        "not toml",
        'schema = 1\ndisk_id = 1\nalign = 4\nslots = {}\n[[partition]]\nnumber = 4\nname = "x"\nsize = 1\nkind = "fat"\nlabel = ""\nuuid = ""\n',
    ],
)
def test_a_broken_layout_is_told(tmp_path, text):
    (tmp_path / "layout.toml").write_text(text, encoding="utf-8")
    with pytest.raises(CardError):
        read_layout(tmp_path / "layout.toml")


def test_what_the_layout_lacks_is_told():
    for ask in (lambda: LAYOUT.partition(9), lambda: LAYOUT.named("cellar"), lambda: LAYOUT.slot("c")):
        with pytest.raises(CardError, match="has no"):
            ask()
