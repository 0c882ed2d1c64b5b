"""systemd hears what the service says; without systemd nothing happens."""

import os
import socket

import pytest

from sideman.service.notify import Notifier


@pytest.fixture
def manager(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(2)
        yield listening


def test_what_is_sent(manager):
    notifier = Notifier(
        {"NOTIFY_SOCKET": manager.getsockname(), "WATCHDOG_USEC": "3000000", "WATCHDOG_PID": str(os.getpid())}
    )
    assert notifier.on
    assert notifier.watchdog_ns == 1_500_000_000
    notifier.ready("plays\nto FluidSynth")
    notifier.status("band down")
    notifier.watchdog()
    notifier.stopping()
    assert [manager.recv(200) for _ in range(4)] == [
        b"READY=1\nSTATUS=plays to FluidSynth", b"STATUS=band down", b"WATCHDOG=1", b"STOPPING=1",
    ]  # fmt: skip
    notifier.close()
    notifier.watchdog()


def test_an_abstract_socket():
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(f"\0sideman-test-{os.getpid()}")
        listening.settimeout(2)
        notifier = Notifier({"NOTIFY_SOCKET": f"@sideman-test-{os.getpid()}"})
        notifier.ready()
        assert listening.recv(100) == b"READY=1"
        notifier.close()


def test_a_full_queue_never_blocks(manager):
    notifier = Notifier({"NOTIFY_SOCKET": manager.getsockname()})
    for _ in range(5000):
        notifier.watchdog()
    assert manager.recv(100) == b"WATCHDOG=1"
    notifier.close()


def test_no_manager(tmp_path):
    for environ in ({}, {"NOTIFY_SOCKET": str(tmp_path / "gone")}):
        notifier = Notifier(environ)
        notifier.ready("x")
        notifier.watchdog()
        notifier.close()
        assert notifier.watchdog_ns == 0


def test_another_process_watchdog_is_not_ours():
    assert Notifier({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "1"}).watchdog_ns == 0
