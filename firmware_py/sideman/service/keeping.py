"""What outlives a jam: its event log, its take, the last phrase and the choices of the menu."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sideman.edges.journal import JournalFile
from sideman.edges.takes import TakeError, prune, write_take
from sideman.jam.conductor import Conductor
from sideman.jam.events import EffectAsked, Event, Fault, NoteOn, SwitchEdge
from sideman.jam.options import setting_keys
from sideman.service.lead_maker import LeadMaker, without_sheet
from sideman.service.settings import Settings
from sideman.service.settings_errors import SettingsError
from sideman.service.state import Keeper, Remembered, recall, state_folder
from sideman.service.take import TakeSource, snapshot, take_of

SILENT_NS = 2_000_000_000
"""The take so far is written when nothing has sounded for so long."""
_DONE_BY_HAND = (NoteOn, SwitchEdge, EffectAsked)
_HELD_BACK = 1000


class JamLog:
    """The event log of one jam; its file begins with the first thing that somebody does.

    A box that is switched on and off again, or restarted over and over, so leaves no empty takes behind that would
    push real ones out of the folder.
    """

    def __init__(self, path: Path, fault: Callable[[str], None]) -> None:
        self.records = 0
        self._path, self._fault = path, fault
        self._waiting: list[dict[str, Any]] = []
        self._file: JournalFile | None = None

    def write(self, record: dict[str, Any]) -> None:
        """Keep one record; never waits."""
        self.records += 1
        if self._file is not None:
            self._file.write(record)
            return
        self._waiting.append(record)
        if isinstance(record.get("in"), _DONE_BY_HAND) or len(self._waiting) > _HELD_BACK:
            self._file = JournalFile(self._path, self._fault)
            for each in self._waiting:
                self._file.write(each)
            self._waiting.clear()

    def close(self) -> None:
        """Write what waits."""
        if self._file is not None:
            self._file.close(1.0)


class NoLog:
    """Takes are switched off: what would be kept is only counted."""

    def __init__(self) -> None:
        self.records = 0

    def write(self, record: dict[str, Any]) -> None:  # noqa: ARG002 - the protocol's signature
        """Count one record."""
        self.records += 1


class Keeping:
    """Keeps takes, log and state; every disk access is on another thread.

    Args:
        settings: What the file says; the menu's remembered choices are laid over it in ``settings``.
        post: The conductor's entrance, for faults.
        choices: Whether they are; with safe settings they are not.
    """

    def __init__(self, settings: Settings, post: Callable[[Event], None], *, choices: bool = True) -> None:
        self._post = post
        self.trouble: list[str] = []
        self.remembered, said = recall(state_folder() / "state.json")
        if said:
            self.trouble.append(said)
        self.settings = self._with_choices(settings, self.remembered.choices if choices else ())
        self._kept = Remembered(None, self.remembered.choices)
        self._choices = dict(self.remembered.choices)
        self._keeper = Keeper(state_folder() / "state.json")
        self._keeper_said = ""
        self.folder = Path(settings.takes.folder) if settings.takes.folder else state_folder() / "takes"
        self._limits = (settings.takes.max_takes, settings.takes.max_mb * 1_000_000)
        self._on = settings.takes.on
        self._leads: LeadMaker | None = None
        self._lead_of: tuple[str, int] = ("", 0)
        if settings.takes.lead_sheet and self._on:
            self._leads = LeadMaker(settings.band.models_folder, self._lead_fault)
        self.number = ""
        self.journal: JamLog | NoLog = NoLog()
        self._take_said = self._lead_said = ""
        self._takes: queue.SimpleQueue[tuple[str, str, TakeSource] | None] = queue.SimpleQueue()
        self._written = 0
        self._quiet_since: int | None = None
        self.begin({})
        self._saver = threading.Thread(target=self._save, name="takes", daemon=True)
        self._saver.start()

    # one jam ------------------------------------------------------------------------------------------------

    def begin(self, chosen: dict[str, str]) -> None:
        """A jam begins: a new number, a new log, the settings as they are by now.

        Args:
            chosen: Settings that were changed in the jam before.
        """
        self.settings = self._with_choices(self.settings, tuple(chosen.items()))
        if self._on:
            self.number = next_number(self.folder, self.number)
            self.journal = JamLog(self.folder / f"{self.number}.log", self._fault)
            values = {key: self.settings.plain(key) for key in setting_keys()}
            self.journal.write({"log": 1, "name": self.title, "settings": values})

    @property
    def title(self) -> str:
        """Name of the jam, as it stands in its take."""
        return f"Sideman {self.number}"

    def size(self, conductor: Conductor) -> int:
        """How much this jam holds: notes that sounded and records of its log."""
        return self.journal.records + _notes(conductor)

    def silent_ns(self, conductor: Conductor, now: int) -> int:
        """For how long nothing has sounded and nobody was listened to."""
        jam = conductor.jam
        last = jam.listener.last_ns() or 0
        if jam.playing or len(jam.sounding) or jam.pending or jam.session.ear.value != "off":
            self._quiet_since = None
            return 0
        if self._quiet_since is None:
            self._quiet_since = now
        return now - max(self._quiet_since, last)

    def round(self, conductor: Conductor, now: int) -> int:
        """Once round the conductor's loop: what is new is kept. Returns :meth:`silent_ns`."""
        silent = self.silent_ns(conductor, now)
        if silent > SILENT_NS and _notes(conductor) > self._written:
            self._put_take(conductor)
        self._remember(conductor)
        if self._keeper.trouble != self._keeper_said:
            self._keeper_said = self._keeper.trouble
            self._post(Fault(now, "state", self._keeper_said))
        return silent

    def end(self, conductor: Conductor) -> None:
        """The jam is over and another may begin: its take is written, its log closed, on other threads."""
        self._put_take(conductor)
        self._written = 0
        if isinstance(self.journal, JamLog):
            threading.Thread(target=self.journal.close, name="log-close", daemon=True).start()
        self.journal = NoLog()

    def close(self, conductor: Conductor) -> None:
        """Keep the rest and end the threads."""
        self._remember(conductor)
        self._put_take(conductor)
        self._takes.put(None)
        self._saver.join(timeout=1.0)
        if self._leads is not None:
            self._leads.end()
        if isinstance(self.journal, JamLog):
            self.journal.close()
        self._keeper.close()

    # what is kept -------------------------------------------------------------------------------------------

    def _put_take(self, conductor: Conductor) -> None:
        self._written = _notes(conductor)
        if self._on and self._written:
            self._takes.put((self.number, self.title, snapshot(conductor.jam)))

    def _remember(self, conductor: Conductor) -> None:
        jam = conductor.jam
        material = jam.session.material
        phrase = material.phrase if material is not None else None
        if phrase is self._kept.phrase and jam.chosen == self._kept.choices:
            return
        self._kept = Remembered(phrase, jam.chosen)
        self._choices |= dict(jam.chosen)
        self._keeper.keep(Remembered(phrase, tuple(self._choices.items())))

    def _with_choices(self, settings: Settings, choices: tuple[tuple[str, str], ...]) -> Settings:
        for key, text in choices:
            try:
                settings = settings.with_value(key, text)
            except SettingsError as error:
                self.trouble.append(f"A choice of the menu is forgotten: {error}")
        return settings

    # the saver's thread -------------------------------------------------------------------------------------

    def _save(self) -> None:
        late = without_sheet(self.folder) if self._leads is not None else None
        if late is not None and self._leads is not None:
            self._leads.want(late)
        while (wanted := self._takes.get()) is not None:
            number, title, source = wanted
            path = self.folder / f"{number}.mid"
            try:
                write_take(path, take_of(source, title))
                prune(self.folder, *self._limits, keep=[path, self.folder / f"{number}.log"])
                self._take_fault("")
            except TakeError as error:
                self._take_fault(str(error))
            else:
                self._lead(path, source)

    def _lead(self, path: Path, source: TakeSource) -> None:
        """The lead sheet of the take so far is wanted, where the player played something new."""
        played = (path.stem, len(source.recorder.player))
        if self._leads is None or not played[1] or played == self._lead_of:
            return
        self._lead_of = played
        self._leads.want(path, "" if source.options.key == "auto" else source.options.key)

    def _lead_fault(self, text: str) -> None:
        if text != self._lead_said:
            self._lead_said = text
            self._post(Fault(time.monotonic_ns(), "lead sheet", text))

    def _take_fault(self, text: str) -> None:
        if text != self._take_said:
            self._take_said = text
            self._fault(text)

    def _fault(self, text: str) -> None:
        self._post(Fault(time.monotonic_ns(), "takes", text))


def _notes(conductor: Conductor) -> int:
    kept = conductor.jam.recorder
    return len(kept.band) + len(kept.player)


def next_number(folder: Path, before: str = "") -> str:
    """Name of the next take: a number that counts up, so that takes sort by age without a clock."""
    numbers = [int(before or 0)]
    with contextlib.suppress(OSError):  # a folder that cannot be read is told of when the take is saved
        numbers += [int(path.name.split(".")[0]) for path in folder.iterdir() if path.name.split(".")[0].isdigit()]
    return f"{max(numbers) + 1:06d}"
