"""An update that is cut off anywhere leaves a box that starts; a bad one falls back; a good one is kept.

The firmware itself is not exercised: ``machine.firmware`` reads the same files by the documented rule.
"""

import lzma
import os
import random

import pytest
from tests.image.machine import FAT_SIZE, LAYOUT, ROOT_SIZE, Box, NoBoot, PowerCut, firmware, update_file

from sideman.service import slots, update
from sideman.service.card import CardError
from sideman.service.update_file import UpdateError

COST = FAT_SIZE + ROOT_SIZE + 512
"""Bytes that an update writes: root, boot, and the sector of the commit."""


@pytest.fixture
def box(tmp_path):
    box = Box(tmp_path)
    assert box.power_on() == "1"
    yield box
    os.close(box.card.handle)


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return update_file(tmp_path_factory.mktemp("update") / "2.update", "2")


def told(box):
    return update.status(LAYOUT, box.selector, box.cmdline, update.note(box.note))


def test_a_good_update_is_tried_and_kept(box, good):
    box.update(good)
    assert box.power_on() == "2"
    assert told(box) == "slot b runs, the default; update 2 is kept"
    assert box.power_on() == "2", "after the next power-on too"


def test_an_update_writes_what_the_cuts_are_counted_on(box, good):
    box.update(good)
    box.power_on()
    assert box.card.written == COST


def test_the_next_update_goes_back_into_the_first_slot(box, good, tmp_path):
    box.update(good)
    box.power_on()
    box.update(update_file(tmp_path / "3.update", "3"))
    assert box.power_on() == "3"
    assert slots.running(box.cmdline) == "a"


@pytest.mark.parametrize("percent", range(0, 101, 5))
def test_cut_off_at_any_step_the_box_starts(box, good, percent):
    box.card.random, box.card.cut_at = random.Random(percent), COST * percent // 100
    try:
        box.update(good)
        box.card.cut_at = None if percent == 100 else COST * percent // 100
        wanted = {"2"}
    except PowerCut:
        wanted = {"1"}  # the flag was never set
    assert box.power_on() in wanted
    box.update(good)
    assert box.power_on() == "2", "the same update goes in when it is tried again"


@pytest.mark.parametrize("before", [True, False])
def test_cut_off_around_the_commit_the_box_starts(box, good, before):
    box.update(good)
    real = box.selector.write

    def cut(data):
        if not before:
            real(data)
        raise PowerCut

    box.selector.write = cut
    with pytest.raises(PowerCut):
        box.power_on()
    box.selector.write = real
    assert box.power_on() == ("1" if before else "2")
    assert update.note(box.note)["result"] == ("fell back" if before else "kept")


@pytest.mark.parametrize("health", ["panic", "mute"])
def test_a_bad_update_falls_back(box, health, tmp_path):
    box.update(update_file(tmp_path / "bad.update", "2", health))
    box.starts = 0
    assert box.power_on() == "1"
    assert box.starts == 2, "tried once"
    assert told(box) == "slot a runs, the default; update 2 did not start; the version before runs"


def test_power_lost_during_the_trial_is_the_old_system(box, good):
    box.update(good)
    assert firmware(box.card, tryboot=True)[2].strip().endswith("slot=b")
    box.flag = False
    assert box.power_on() == "1"


def test_a_box_whose_running_slot_is_damaged_would_not_start(box):
    """The harness can fail: what it is told to start is really looked at."""
    box.card.partition(LAYOUT.slot("a").root).write(1 << 19, bytes(512))
    with pytest.raises(NoBoot, match="damaged"):
        box.power_on()


def test_no_update_while_one_is_on_trial(box, good):
    box.update(good)
    box.cmdline = firmware(box.card, tryboot=True)[2]
    with pytest.raises(UpdateError, match="on trial itself"):
        box.update(good)


def flipped(manifest, packed):
    data = bytearray(packed["root.img.xz"])
    data[len(data) // 2] ^= 1
    packed["root.img.xz"] = bytes(data)


def other_content(manifest, packed):
    packed["root.img.xz"] = lzma.compress(bytes(ROOT_SIZE), preset=0)


def shorter(manifest, packed):
    packed["root.img.xz"] = lzma.compress(bytes(1 << 18), preset=0)


def bomb(manifest, packed):
    packed["root.img.xz"] = lzma.compress(bytes(64 << 20), preset=0)


def cut_short(manifest, packed):
    packed["root.img.xz"] = packed["root.img.xz"][:1000]


def too_large(manifest, packed):
    manifest["images"][0]["size"] = 1 << 40


def other_machine(manifest, packed):
    manifest["machine"] = "toaster"


def no_boot(manifest, packed):
    manifest["images"].pop()


def no_file(manifest, packed):
    del packed["boot.img.xz"]


@pytest.mark.parametrize(
    "spoil", [flipped, other_content, shorter, bomb, cut_short, too_large, other_machine, no_boot, no_file]
)
def test_a_damaged_file_is_refused_and_the_box_is_as_it_was(box, spoil, tmp_path):
    path = update_file(tmp_path / "bad.update", "2", spoil=spoil)
    with pytest.raises(UpdateError) as refused:
        box.update(path)
    assert str(refused.value)[0].isupper()
    assert update.note(box.note) is None
    assert box.power_on() == "1"


def test_something_else_is_no_update(box, tmp_path):
    (tmp_path / "song.mid").write_bytes(b"MThd" * 400)
    with pytest.raises(UpdateError, match="no update file"):
        box.update(tmp_path / "song.mid")


def test_a_card_that_forgets_is_found_out(box, good):
    part = type(box.card.partition(6))
    honest = part.write
    try:
        part.write = lambda self, at, data: honest(self, at, bytes(len(data)) if at == 0 else data)
        with pytest.raises(UpdateError, match="change the card"):
            box.update(good)
    finally:
        part.write = honest
    assert box.power_on() == "1"


def test_autoboot_is_one_sector_whatever_it_says():
    texts = {slot: slots.render(LAYOUT, slot) for slot in "ab"}
    assert {len(text) for text in texts.values()} == {512}
    assert [slots.chosen(texts["a"], tryboot=flag) for flag in (False, True)] == [2, 3]
    assert [slots.chosen(texts["b"], tryboot=flag) for flag in (False, True)] == [3, 2]
    assert slots.committed(LAYOUT, texts["b"]) == "b"


@pytest.mark.parametrize("text", [b"", b"[tryboot]\nboot_partition=2\n", b"\xff" * 512, b"boot_partition=9"])
def test_autoboot_that_starts_no_slot_is_told(text):
    with pytest.raises(CardError):
        slots.committed(LAYOUT, text)


def test_another_computer_has_nothing_to_update(box, good):
    box.cmdline = "root=/dev/sda1"
    with pytest.raises(UpdateError, match="not started from the box's card"):
        box.update(good)


def test_a_mounted_selector_writes_in_place(tmp_path):
    selector = slots.MountedSelector(tmp_path)
    selector.path.write_bytes(slots.render(LAYOUT, "a"))
    inode = selector.path.stat().st_ino
    assert slots.commit(LAYOUT, selector, "b")
    assert not slots.commit(LAYOUT, selector, "b"), "once is enough"
    assert (selector.path.stat().st_ino, selector.read()) == (inode, slots.render(LAYOUT, "b"))
