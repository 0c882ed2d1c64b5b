"""A scripted jam: a virtual player, pressed switches, the real program; in real time or on the offline clock."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sideman.band.ensemble import Ensemble
from sideman.jam.conductor import Conductor
from sideman.jam.core import Ports
from sideman.jam.cues import Status
from sideman.jam.events import (
    BandChanged,
    Event,
    PortAppeared,
    PortVanished,
    SettingChanged,
    Shutdown,
    SwitchEdge,
)
from sideman.jam.ports import Journal
from sideman.service import floor, realtime
from sideman.service.band_process import BandProcess
from sideman.service.health import rss_mb, since_start_s
from sideman.service.loop import Loop, MonotonicClock
from sideman.service.options import options_of
from sideman.service.rehearsal import rehearse
from sideman.service.script import Script
from sideman.service.script_times import Times
from sideman.service.settings import Settings
from sideman.sim.band import InlineBand
from sideman.sim.clock import ManualClock
from sideman.sim.drive import run_offline
from sideman.sim.front import CapturedFront
from sideman.sim.player import performance_events
from sideman.sim.players.base import PORT as PLAYER_PORT
from sideman.sim.players.base import Player
from sideman.sim.players.drive import Watched, run_with
from sideman.sim.ports import FakeMidiOut

INSTRUMENT, OUTPUT = "Virtual player", "Virtual synth"
READY_S = 20.0
TAIL_S = 2.0
CUES_A_SECOND = 100
"""Deadlines of the floor; so many of them count as there were cues."""


@dataclass(slots=True)
class JamRun:
    """What a jam left behind."""

    conductor: Conductor
    front: CapturedFront
    out: FakeMidiOut
    realtime: bool
    start_ns: int
    wall_s: float = 0.0
    startup_s: float = 0.0
    floor: dict[str, float] = field(default_factory=dict)
    rss: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def schedule(script: Script, midi: Path) -> tuple[list[tuple[int, Event]], list[tuple[int, str]], int]:
    """Everything that will happen, by nanoseconds from the start of the jam.

    Returns:
        Events with their offsets in order, kills of the band process, and the end.

    Raises:
        ScriptError, ValueError: A place of the script is not in the performance.
    """
    times = Times(script, midi)
    events: list[tuple[int, Event]] = [(0, PortAppeared(0, INSTRUMENT, "in")), (0, PortAppeared(0, OUTPUT, "out"))]
    events += performance_events(midi, script.tracks, script.start_s)
    last = max(offset for offset, _ in events)
    kills: list[tuple[int, str]] = []
    for press in script.presses:
        ns = times.of(press)
        events.append((ns, SwitchEdge(0, press.switch, down=True)))
        events.append((ns + max(60_000_000, round(press.hold_s * 1e9)), SwitchEdge(0, press.switch, down=False)))
        last = max(last, ns)
    events += [(times.of(s), SettingChanged(0, s.key, s.value)) for s in script.sets]
    for fault in script.faults:
        ns = times.of(fault)
        if fault.what == "kill_band":
            kills.append((ns, fault.what))
        else:
            event = PortVanished if fault.what == "unplug" else PortAppeared
            events.append((ns, event(0, INSTRUMENT, "in")))
    said = times.end()
    end = last + round(TAIL_S * 1e9) if said is None else said
    events = [(ns, e) for ns, e in events if ns <= end]
    events.sort(key=lambda item: item[0])
    return events, kills, end


def stamped(event: Event, ns: int) -> Event:
    """The event at its moment."""
    values = {name: getattr(event, name) for name in event.__dataclass_fields__}
    made: Event = type(event)(**values | {"ns": ns})
    return made


def play_fast(settings: Settings, script: Script, midi: Path, journal: Journal, *, models: Path | None) -> JamRun:
    """The whole jam on the offline clock: the same music as in real time, as fast as the machine can."""
    began = time.monotonic_ns()
    events, kills, end = schedule(script, midi)
    box = offline_box(settings, CapturedFront(), journal, Ensemble(models))
    conductor, base = box.conductor, box.begin_ns
    for offset, event in events:
        conductor.post(stamped(event, base + offset))
    for offset, _ in kills:
        conductor.post(BandChanged(base + offset, up=False, why="killed"))
        conductor.post(BandChanged(base + offset + 700_000_000, up=True))
    conductor.post(Shutdown(base + end))
    ready = since_start_s()
    run_offline(conductor, box.clock)
    return box.run(began, ready)


def play_player(settings: Settings, player: Player, journal: Journal, *, band: Ensemble | None = None) -> JamRun:
    """A whole jam of a simulated player on the offline clock.

    Args:
        settings: The box's settings.
        player: Who plays; it may react to what the box shows.
        journal: Where the log goes.
        band: A band to use instead of a fresh one; what it heard before is forgotten.
    """
    began = time.monotonic_ns()
    if band is not None:
        band.forget()
    box = offline_box(settings, Watched(player), journal, band or Ensemble(None))
    base = box.begin_ns
    box.conductor.post(PortAppeared(base, PLAYER_PORT, "in"))
    box.conductor.post(PortAppeared(base, OUTPUT, "out"))
    ready = since_start_s()
    run_with(player, box.conductor, box.clock, base)
    return box.run(began, ready)


@dataclass(frozen=True, slots=True)
class OfflineBox:
    """The whole program on the offline clock, its band in this process, ready for what shall happen."""

    conductor: Conductor
    clock: ManualClock
    front: CapturedFront
    out: FakeMidiOut
    begin_ns: int

    def run(self, began: int, ready_s: float) -> JamRun:
        """What it left behind."""
        run = JamRun(self.conductor, self.front, self.out, realtime=False, start_ns=self.begin_ns)
        run.wall_s = (time.monotonic_ns() - began) / 1e9
        run.startup_s, run.rss = ready_s, {"service": rss_mb(), "band": 0.0}
        return run


def offline_box(settings: Settings, front: CapturedFront, journal: Journal, ensemble: Ensemble) -> OfflineBox:
    """The program with a band that is up; its jam begins a second from now."""
    clock = ManualClock(1_000_000_000)
    out = FakeMidiOut(clock.now)

    def post(event: Event) -> None:
        conductor.post(event)

    band = InlineBand(post, clock.now, ensemble=ensemble)
    conductor = Conductor(options_of(settings), Ports(clock, out, front, band, journal), clock.now())
    band.start()
    return OfflineBox(conductor, clock, front, out, clock.now() + 1_000_000_000)


def play_realtime(
    settings: Settings,
    script: Script,
    midi: Path,
    journal: Journal,
    *,
    models: Path | None,
    progress: Callable[[Status, float], None] | None = None,
) -> JamRun:
    """The jam in real time: the conductor on this thread, the band in its own process.

    Raises:
        TimeoutError: The band did not come up.
    """
    events, kills, end = schedule(script, midi)
    clock, front, loop = MonotonicClock(), CapturedFront(), Loop()
    out = FakeMidiOut(clock.now)
    up = threading.Event()

    def post(event: Event) -> None:
        loop.post(event)
        if isinstance(event, BandChanged) and event.up:
            up.set()

    band = BandProcess(post, models)
    conductor = Conductor(options_of(settings), Ports(clock, out, front, band, journal), clock.now())
    band.start()
    try:
        if not up.wait(READY_S):
            raise TimeoutError("the band process did not start: run sideman doctor")
        run = JamRun(conductor, front, out, realtime=True, start_ns=0, startup_s=since_start_s())
        _prepare(run, settings)
        base = clock.now() + 500_000_000
        run.start_ns = base
        for offset, event in events:
            conductor.post(stamped(event, base + offset))
        conductor.post(Shutdown(base + end))
        measured = floor.started(round(CUES_A_SECOND * end / 1e9), end / 1e9, settings.service.realtime_priority)
        watchers = [_Killer(base, kills, band), _Progress(front, base, end, progress), _Memory(run, band)]
        for watcher in watchers:
            watcher.start()
        loop.run(conductor)
        for watcher in watchers:
            watcher.stop()
        realtime.leave_fifo()
        run.wall_s = (clock.now() - base) / 1e9
        run.floor = floor.result(measured, count=len(conductor.jam.lateness))
    finally:
        band.stop()
    return run


def _prepare(run: JamRun, settings: Settings) -> None:
    rehearse(run.conductor.jam.options)
    realtime.quick_switches()
    said = realtime.ask_for_fifo(settings.service.realtime_priority)
    if said:
        run.notes.append(said)
    realtime.collector_off()


class _Watcher(threading.Thread):
    """A thread beside the clock that looks now and then; it never touches the jam."""

    def __init__(self, period_s: float) -> None:
        super().__init__(daemon=True)
        self._period_s = period_s
        self._stopped = threading.Event()

    def run(self) -> None:
        while not self._stopped.wait(self._period_s):
            self.look()
        self.look()

    def stop(self) -> None:
        """End it."""
        self._stopped.set()
        self.join(2.0)

    def look(self) -> None:
        """Do what it is there for."""


class _Killer(_Watcher):
    """Kills the band process at its moments, as a crash would."""

    def __init__(self, base: int, kills: list[tuple[int, str]], band: BandProcess) -> None:
        super().__init__(0.02)
        self._moments = [base + ns for ns, _ in kills]
        self._band = band

    def look(self) -> None:
        while self._moments and time.monotonic_ns() >= self._moments[0]:
            self._moments.pop(0)
            pid = self._band.pid
            if pid is not None:
                os.kill(pid, signal.SIGKILL)


class _Progress(_Watcher):
    """Tells how far the jam is."""

    def __init__(self, front: CapturedFront, base: int, end: int, tell: Callable[[Status, float], None] | None) -> None:
        super().__init__(0.5)
        self._front, self._base, self._end, self._tell = front, base, end, tell

    def look(self) -> None:
        if self._tell is None:
            return
        for item in reversed(self._front.items):
            if isinstance(item, Status):
                self._tell(item, min(1.0, (time.monotonic_ns() - self._base) / self._end))
                return


class _Memory(_Watcher):
    """Keeps the largest resident size of both processes."""

    def __init__(self, run: JamRun, band: BandProcess) -> None:
        super().__init__(1.0)
        self._run, self._band = run, band

    def look(self) -> None:
        kept, pid = self._run.rss, self._band.pid
        kept["service"] = max(kept.get("service", 0.0), rss_mb())
        kept["band"] = max(kept.get("band", 0.0), rss_mb(pid) if pid is not None else 0.0)


def bar(status: Status, share: float) -> None:
    """A progress line on the terminal."""
    full = round(share * 24)
    chord = next((c.name for c in status.strip), "")
    sys.stderr.write(
        f"\r[{'#' * full}{'.' * (24 - full)}] {status.state:<12}{status.shown:<14}{status.turn:<4}{chord:<8}"
    )
    sys.stderr.flush()
