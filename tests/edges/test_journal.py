"""The event log: every record a line, never in the way, honest about a full disk."""

import errno
import json
import os
import threading

from jack_world import until

from sideman.edges import journal as module
from sideman.edges.journal import JournalFile


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_records_are_lines_in_order(tmp_path):
    path, faults = tmp_path / "sub" / "events.log", []
    journal = JournalFile(path, faults.append)
    for i in range(1000):
        journal.write({"n": i, "text": "Ä\n"})
    assert journal.close()
    assert lines(path) == [{"n": i, "text": "Ä\n"} for i in range(1000)]
    assert faults == []


def test_a_line_is_on_disk_without_closing(tmp_path):
    journal = JournalFile(tmp_path / "events.log", [].append)
    journal.write({"n": 1})
    until(lambda: (tmp_path / "events.log").exists() and lines(tmp_path / "events.log") == [{"n": 1}])
    assert journal.close()


def test_a_folder_that_cannot_be_made_then_can(tmp_path):
    blocked, faults = tmp_path / "blocked", []
    blocked.write_text("")
    journal = JournalFile(blocked / "events.log", faults.append)
    journal.write({"n": 1})
    journal.write({"n": 2})
    until(lambda: journal.lost == 2)
    assert len(faults) == 1
    assert "not kept" in faults[0]
    blocked.unlink()
    journal.write({"n": 3})
    assert journal.close()
    assert lines(blocked / "events.log") == [{"lost": 2}, {"n": 3}]
    assert faults[1:] == [""]


class _Full:
    """A file on a full disk: half of the line arrives, then an error."""

    def __init__(self, path):
        self._path = path

    def write(self, text):
        with self._path.open("a") as file:
            file.write(text[: len(text) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def close(self):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_is_survived_and_said(tmp_path):
    path, faults = tmp_path / "events.log", []
    journal = JournalFile(path, faults.append)
    journal.write({"n": 1})
    until(lambda: path.exists() and lines(path) == [{"n": 1}])
    journal._file.close()
    journal._file = _Full(path)
    journal.write({"n": 2})
    until(lambda: faults)
    assert faults[0].startswith("DISK FULL")
    journal.write({"n": 3})
    assert journal.close()
    good = []
    for line in path.read_text().splitlines():
        try:
            good.append(json.loads(line))
        except ValueError:
            assert '{"n' in line
    assert good == [{"n": 1}, {"lost": 1}, {"n": 3}]
    assert faults[1:] == [""]


def test_a_disk_that_stands_still_costs_records_not_time(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MAX_WAITING", 5)
    gate = threading.Event()
    path = tmp_path / "events.log"
    keep = JournalFile._keep

    def slow(self, record):
        gate.wait(5)
        keep(self, record)

    monkeypatch.setattr(JournalFile, "_keep", slow)
    journal = JournalFile(path, [].append)
    for i in range(50):
        journal.write({"n": i})
    assert journal.lost >= 40
    assert not journal.close(0.01)
    gate.set()
    journal._thread.join(5)
    kept = lines(path)
    assert {"lost": journal.lost} in kept
    assert len(kept) == 50 - journal.lost + 1
