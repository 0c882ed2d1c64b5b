"""What the card's image is besides the box: read-only, grown to the card, closed to strangers."""

import pytest

from tests.hil.rig_card import SIZE


@pytest.fixture
def card(bench):
    bench.need("card")
    return bench


def said(rig, command):
    return rig.ask("must", command).strip()


def test_it_runs_on_the_processor_of_the_boards(card):
    assert said(card, "uname -m") == "aarch64"


def test_its_system_cannot_be_written_and_takes_have_a_partition_of_their_own(card):
    assert "ro" in said(card, "findmnt -no OPTIONS /").split(",")
    assert card.ask("sh", "touch /etc/written")["rc"] != 0
    assert "rw" in said(card, "findmnt -no OPTIONS /data").split(",")
    assert said(card, "findmnt -no SOURCE /data") != said(card, "findmnt -no SOURCE /")


def test_takes_got_the_rest_of_the_card(card):
    rest = said(card, "systemctl show -P Result sideman-grow.service; lsblk -bno SIZE $(findmnt -no SOURCE /data)")
    result, size = rest.split()
    assert result == "success"
    assert int(size) > SIZE - (3 << 30)


def test_nobody_gets_in(card):
    users = said(card, "awk -F: '$2 !~ /^[!*]/ {print $1}' /etc/shadow")
    assert users == ""
    assert said(card, "systemctl show -P ActiveState sideman-ssh.service") == "inactive"
    assert said(card, "systemctl list-units --no-legend --plain 'getty@*' 'serial-getty@*' ssh.service") == ""


def test_nothing_is_swapped_and_the_journal_stays_in_memory(card):
    assert said(card, "tail -n +2 /proc/swaps") == ""
    assert card.ask("sh", "ls /run/log/journal/*/system.journal")["rc"] == 0
    assert card.ask("sh", "ls /var/log/journal")["rc"] != 0


def test_without_its_data_it_plays_all_the_same(card):
    """As where that file system is past repair: no shell waits for somebody with a keyboard."""
    assert card.without_data() == "active"
