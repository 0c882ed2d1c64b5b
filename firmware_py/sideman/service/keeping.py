"""What outlives a jam: its event log, its take, the last phrase and the choices of the menu."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sideman.edges.journal import JournalFile
from sideman.edges.takes import TakeError, prune, write_take
from sideman.jam.conductor import Conductor
from sideman.jam.events import Event, Fault
from sideman.jam.options import setting_keys
from sideman.jam.states import SOUNDING
from sideman.jam.take_data import TakeData
from sideman.service.settings import Settings
from sideman.service.settings_errors import SettingsError
from sideman.service.state import Keeper, Remembered, recall, state_folder
from sideman.service.take import take_of


class _NoJournal:
    def write(self, record: dict[str, Any]) -> None:
        """Takes are switched off."""

    def close(self) -> None:
        """Nothing to close."""


class Keeping:
    """Keeps takes, log and state; every disk access is on another thread.

    Args:
        settings: What the file says; the menu's remembered choices are laid over it in ``settings``.
        post: The conductor's entrance, for faults.
    """

    def __init__(self, settings: Settings, post: Callable[[Event], None]) -> None:
        self._post = post
        self.trouble: list[str] = []
        self.remembered, said = recall(state_folder() / "state.json")
        if said:
            self.trouble.append(said)
        self.settings = self._with_choices(settings)
        self._keeper = Keeper(state_folder() / "state.json")
        self.folder = Path(settings.takes.folder) if settings.takes.folder else state_folder() / "takes"
        self._limits = (settings.takes.max_takes, settings.takes.max_mb * 1_000_000)
        self.number = next_number(self.folder)
        self.journal: JournalFile | _NoJournal = _NoJournal()
        self._on = settings.takes.on
        if self._on:
            self.journal = JournalFile(self.folder / f"{self.number}.log", self._fault)
            self.journal.write({"log": 1, "settings": {k: self.settings.plain(k) for k in setting_keys()}})
        self._takes: queue.SimpleQueue[TakeData | None] = queue.SimpleQueue()
        self._sounded = False
        self._kept = Remembered()
        self._saver = threading.Thread(target=self._save, name="takes", daemon=True)
        self._saver.start()

    def round(self, conductor: Conductor) -> None:
        """Once round the conductor's loop: when the band falls silent, the take so far is kept."""
        jam = conductor.jam
        sounding = jam.session.band in SOUNDING
        if self._sounded and not sounding:
            self._put_take(conductor)
        self._sounded = sounding
        if not sounding:
            self._remember(conductor)

    def close(self, conductor: Conductor) -> None:
        """Keep the rest and end the threads."""
        self._put_take(conductor)
        self._takes.put(None)
        self._remember(conductor)
        self._saver.join(timeout=1.0)
        self.journal.close()
        self._keeper.close()

    def _put_take(self, conductor: Conductor) -> None:
        if self._on and (conductor.jam.recorder.band or conductor.jam.recorder.player):
            self._takes.put(take_of(conductor.jam, f"Sideman {self.number}"))

    def _remember(self, conductor: Conductor) -> None:
        jam = conductor.jam
        material = jam.session.material
        phrase = material.phrase if material is not None else None
        if phrase is self._kept.phrase and jam.chosen == self._kept.choices:
            return
        choices = dict(self.remembered.choices) | dict(jam.chosen)
        self._kept = Remembered(phrase, jam.chosen)
        self._keeper.keep(Remembered(phrase, tuple(choices.items())))

    def _with_choices(self, settings: Settings) -> Settings:
        for key, text in self.remembered.choices:
            try:
                settings = settings.with_value(key, text)
            except SettingsError as error:
                self.trouble.append(str(error))
        return settings

    def _save(self) -> None:
        while (take := self._takes.get()) is not None:
            while not self._takes.empty():
                newer = self._takes.get()
                if newer is None:
                    self._takes.put(None)
                    break
                take = newer
            try:
                write_take(self.folder / f"{self.number}.mid", take)
                prune(self.folder, *self._limits, keep=[self.folder / f"{self.number}.mid"])
                self._fault("")
            except TakeError as error:
                self._fault(str(error))

    def _fault(self, text: str) -> None:
        self._post(Fault(time.monotonic_ns(), "takes", text))


def next_number(folder: Path) -> str:
    """Name of the next take: a number that counts up, so that takes sort by age without a clock."""
    try:
        numbers = [int(path.stem) for path in folder.iterdir() if path.stem.isdigit()]
    except OSError:
        numbers = []
    return f"{max(numbers, default=0) + 1:06d}"
