"""Logging goes through a thread of its own and never waits."""

import io
import logging
import sys
import threading
import types

import pytest

from sideman.service import log as subject
from sideman.service.log import Log, journal_or_stderr


def test_lines_arrive_in_order():
    out = io.StringIO()
    log = Log("info", target=logging.StreamHandler(out))
    for number in range(50):
        logging.getLogger("sideman.test").info("line %d", number)
    logging.getLogger("sideman.test").debug("not this")
    log.close()
    assert out.getvalue().split("\n")[:-1] == [f"line {n}" for n in range(50)]


def test_a_stuck_target_drops_and_counts(monkeypatch):
    monkeypatch.setattr(subject, "_LIMIT", 5)
    held, entered = threading.Event(), threading.Event()

    class Stuck(logging.Handler):
        def emit(self, record):
            entered.set()
            held.wait(5)

    log = Log(target=Stuck())
    logging.getLogger("x").info("first")
    entered.wait(5)
    for _ in range(20):
        logging.getLogger("x").info("more")
    assert log.dropped == 15
    held.set()
    log.close()


def test_the_journal_reads_priorities_from_a_stream(monkeypatch, capsys):
    monkeypatch.setenv("JOURNAL_STREAM", "8:1")
    monkeypatch.setitem(sys.modules, "systemd", None)
    handler = journal_or_stderr()
    handler.emit(logging.LogRecord("sideman.x", logging.ERROR, "", 1, "two\nlines", (), None))
    assert capsys.readouterr().err == "<3>sideman.x: two\n  lines\n"


def test_systemd_python_is_used_where_it_is(monkeypatch):
    class JournalHandler(logging.Handler):
        def __init__(self, **fields):
            super().__init__()
            self.fields = fields

    journal = types.ModuleType("systemd.journal")
    journal.JournalHandler = JournalHandler
    monkeypatch.setenv("JOURNAL_STREAM", "8:1")
    monkeypatch.setitem(sys.modules, "systemd", types.ModuleType("systemd"))
    monkeypatch.setitem(sys.modules, "systemd.journal", journal)
    assert journal_or_stderr().fields == {"SYSLOG_IDENTIFIER": "sideman"}
    monkeypatch.delenv("JOURNAL_STREAM")
    assert isinstance(journal_or_stderr(), logging.StreamHandler)


@pytest.fixture(autouse=True)
def _level():
    before = logging.getLogger().level
    yield
    logging.getLogger().setLevel(before)
