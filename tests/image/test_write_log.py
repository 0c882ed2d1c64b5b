"""The log of writes is read as QEMU writes it, and a cut loses, tears and reorders only what lies after the last flush."""

import random
import struct

import pytest
from image.power.write_log import SECTOR, Write, cut, entries

MAGIC = 0x6A736677736872


def log(path, items, tail=b""):
    """A log with (sector, data, flags) items."""
    out = bytearray(struct.pack("<QQQI", MAGIC, 1, 0, SECTOR).ljust(SECTOR, b"\0"))
    for sector, data, flags in items:
        out += struct.pack("<QQQQ", sector, len(data) // SECTOR, flags, 0).ljust(SECTOR, b"\0") + data
    path.write_bytes(bytes(out) + tail)
    return path


def block(letter, count=1):
    return letter.encode() * SECTOR * count


def test_writes_and_flushes_in_order(tmp_path):
    path = log(tmp_path / "log", [(8, block("a", 2), 0), (0, b"", 1), (3, block("b"), 2)])
    assert list(entries(path)) == [
        Write(8 * SECTOR, block("a", 2), flush=False),
        Write(0, b"", flush=True),
        Write(3 * SECTOR, block("b"), flush=True),
    ]


@pytest.mark.parametrize("tail", [b"\0" * 4096, b"\1" * 20, struct.pack("<QQQQ", 5, 9, 0, 0).ljust(SECTOR, b"\0")])
def test_a_log_cut_off_itself_ends_where_it_is_whole(tmp_path, tail):
    assert len(list(entries(log(tmp_path / "log", [(8, block("a"), 0)], tail)))) == 1


def test_something_else_is_no_log(tmp_path):
    (tmp_path / "log").write_bytes(bytes(4096))
    with pytest.raises(ValueError, match="no log of writes"):
        list(entries(tmp_path / "log"))


def disk(writes, end, seed):
    found = bytearray(8 * SECTOR)
    for at, data in cut(writes, end, random.Random(seed)):
        found[at : at + len(data)] = data
    return bytes(found)


def test_what_was_flushed_is_there_and_what_was_not_may_be_torn():
    writes = [
        Write(0, block("a", 4), flush=False),
        Write(0, b"", flush=True),
        Write(0, block("b"), flush=False),
        Write(4 * SECTOR, block("c", 4), flush=False),
        Write(0, block("d"), flush=False),
    ]
    seen = {disk(writes, 5, seed) for seed in range(300)}
    for found in seen:
        assert found[SECTOR : 4 * SECTOR] == block("a", 3)
    assert {found[:1] for found in seen} == {b"a", b"b", b"d"}, "lost, or in either order"
    tails = {tuple(found[i : i + 1] == b"c" for i in range(4 * SECTOR, 8 * SECTOR, SECTOR)) for found in seen}
    assert (True,) * 4 in tails
    assert (False,) * 4 in tails
    assert (True, False, True, False) in tails, "torn in the middle"


def test_a_flush_that_came_too_late_keeps_nothing():
    writes = [Write(0, block("a"), flush=False), Write(0, b"", flush=True)]
    assert {disk(writes, 1, seed)[:1] for seed in range(50)} == {b"a", b"\0"}
    assert {disk(writes, 2, seed)[:1] for seed in range(50)} == {b"a"}
