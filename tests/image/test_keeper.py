"""The check that finds what a power cut lost can fail: it sees a missing take, a wrong byte, a state that is older."""

import os

import pytest
from image.power import keeper

WRITTEN = 5


@pytest.fixture
def folder(tmp_path):
    handle = os.open(tmp_path / "disk", os.O_RDWR | os.O_CREAT)
    os.ftruncate(handle, keeper.MARK_AT + 4096)
    for number in range(1, WRITTEN + 1):
        keeper.write(tmp_path, handle, number)
    assert int(bytes(keeper.read_mark(handle)).rstrip(b"\0")) == WRITTEN
    os.close(handle)
    return tmp_path


def found(folder, told=WRITTEN):
    return {what: said for what, said in keeper.check(folder, told).items() if said}


def test_all_is_well_after_writing(folder):
    assert not found(folder)


def test_a_fresh_card_has_lost_nothing(tmp_path):
    assert not found(tmp_path, 0)


def test_a_take_more_than_was_told_is_no_loss(folder):
    assert not found(folder, WRITTEN - 1)


def test_what_was_deleted_for_a_take_that_was_not_told_is_no_loss(folder, tmp_path):
    handle = os.open(tmp_path / "disk", os.O_RDWR)
    (folder / "takes" / "jam.log").write_text("{}", encoding="utf-8")
    for number in range(WRITTEN + 1, keeper.KEPT + 10):
        keeper.write(folder, handle, number)
        assert not found(folder, number - 1)
        assert not found(folder, number)
    os.close(handle)
    (owed := sorted((folder / "takes").glob("*.mid"))[1]).unlink()
    assert found(folder, number) == {"lost": [str(int(owed.stem))]}


def test_a_lost_take_is_seen(folder):
    (folder / "takes" / "000003.mid").unlink()
    assert found(folder) == {"lost": ["3"]}


@pytest.mark.parametrize("spoil", [lambda data: data[:-1], lambda data: bytes([data[0] ^ 1]) + data[1:], lambda _: b""])
def test_a_corrupt_take_is_seen(folder, spoil):
    path = folder / "takes" / "000002.mid"
    path.write_bytes(spoil(path.read_bytes()))
    assert found(folder) == {"corrupt": ["000002.mid"]}


def test_what_was_never_renamed_is_not_taken_for_a_take(folder):
    (folder / "takes" / ".000006.mid.part").write_bytes(b"half")
    assert not found(folder)


def test_a_state_that_is_older_or_broken_is_seen(folder):
    assert list(found(folder, WRITTEN + 1)) == ["lost", "trouble"]
    (folder / "state.json").write_text("{", encoding="utf-8")
    assert list(found(folder)) == ["trouble"]
