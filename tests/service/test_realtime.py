"""Realtime rights are used when granted, and a sentence says what to do when not."""

import ast
import gc
import os
import subprocess
import sys

import pytest

from sideman.service import realtime

SCRIPT = """
import os, threading
from sideman.service.realtime import ask_for_fifo, lock_memory, quick_switches
import sys
said = []
def clock():
    said.append(ask_for_fifo(70))
    said.append((os.sched_getscheduler(0) & ~os.SCHED_RESET_ON_FORK, os.sched_getparam(0).sched_priority))
    def child():
        said.append(os.sched_getscheduler(0))
    t = threading.Thread(target=child); t.start(); t.join()
t = threading.Thread(target=clock); t.start(); t.join()
said.append(os.sched_getscheduler(0))
said.append(lock_memory())
quick_switches()
said.append(sys.getswitchinterval())
print(repr(said))
"""


LOWERED = """
import os, resource, sys, threading
from sideman.service import realtime
resource.setrlimit(resource.RLIMIT_RTPRIO, (0, 0))
resource.setrlimit(resource.RLIMIT_MEMLOCK, (1 << 16, 1 << 16))
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
"""


def told(script):
    environ = {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, env=environ)
    return ast.literal_eval(done.stdout)


def test_without_the_right_a_sentence_says_what_to_do():
    refused, (policy, _), _, main, locked, interval = told(LOWERED + SCRIPT)
    assert "no right to SCHED_FIFO 70" in refused
    assert "systemd unit" in refused
    assert policy == main == os.SCHED_OTHER
    assert "not locked" in locked
    assert interval == pytest.approx(realtime.SWITCH_INTERVAL_S)


def test_only_the_asking_thread_is_realtime():
    granted, (policy, priority), child, main, _, _ = told(SCRIPT)
    if granted:
        pytest.skip(f"no realtime rights here: {granted}")
    assert (policy, priority) == (os.SCHED_FIFO, 70)
    assert child == main == os.SCHED_OTHER


def test_a_filter_is_named_when_the_limit_is_not_the_reason(monkeypatch):
    def refused(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(realtime.os, "sched_setscheduler", refused)
    monkeypatch.setattr(realtime.resource, "getrlimit", lambda _: (95, 95))
    assert "RestrictRealtime=" in realtime.ask_for_fifo(70)


def test_priority_nought_asks_for_nothing():
    assert "switched off" in realtime.ask_for_fifo(0)
    assert os.sched_getscheduler(0) == os.SCHED_OTHER


def test_the_collector_is_off_until_asked():
    try:
        realtime.collector_off()
        assert not gc.isenabled()
        assert realtime.collect_now() > 0
    finally:
        gc.enable()
        gc.unfreeze()
