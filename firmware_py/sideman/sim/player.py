"""The virtual player: a MIDI file becomes the events that an instrument would have sent, with the file's own times."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sideman.edges.midi_bytes import MidiParser
from sideman.jam.events import Event
from sideman.music.meter import Meter, MeterError

PORT = "Virtual player"
_DEFAULT_TEMPO_US = 500_000


class PerformanceError(ValueError):
    """A performance file or a place in it that cannot be used; the message says what to do."""


@dataclass(frozen=True, slots=True)
class _Tempo:
    tick: int
    us: int
    """Microseconds times ticks a quarter from the start of the file: exact, divided only at the end."""
    quarter_us: int


@dataclass(frozen=True, slots=True)
class _Bars:
    """From ``tick`` on, which is the first of bar ``bar`` (0-based), bars have ``length`` ticks."""

    tick: int
    bar: int
    length: int
    meter: Meter


class Performance:
    """A MIDI file with its tempo and meter map.

    Args:
        midi_file: Path of a Standard MIDI File, or a ``mido.MidiFile``.
    """

    def __init__(self, midi_file: str | Path | Any) -> None:
        import mido  # noqa: PLC0415 - the appliance does not play files

        if isinstance(midi_file, str | Path):
            try:
                midi_file = mido.MidiFile(str(midi_file))
            except (OSError, EOFError, ValueError, IndexError, KeyError) as error:
                raise PerformanceError(f"{midi_file} is not a MIDI file that can be read: {error}") from error
        if midi_file.type == 2:
            raise PerformanceError("a type 2 MIDI file has no common time: save it as type 0 or 1")
        if midi_file.ticks_per_beat <= 0:
            raise PerformanceError("a MIDI file in SMPTE time has no beats: save it with ticks per quarter")
        self._file: Any = midi_file
        self._per_quarter = int(midi_file.ticks_per_beat)
        self._tempi, self._bars = self._map()

    @property
    def tracks(self) -> tuple[str, ...]:
        """Names of the tracks that hold notes."""
        return tuple(
            track.name for track in self._file.tracks if any(m.type == "note_on" and m.velocity for m in track)
        )

    @property
    def end_ns(self) -> int:
        """Nanoseconds from the start of the file to its last message."""
        return self.ns_at(max((sum(m.time for m in track) for track in self._file.tracks), default=0))

    def ns_at(self, tick: float) -> int:
        """Nanoseconds from the start of the file to a tick of the file."""
        i = max(bisect_right(self._tempi, tick, key=lambda t: t.tick) - 1, 0)
        at = self._tempi[i]
        return round((at.us + (tick - at.tick) * at.quarter_us) * 1000 / self._per_quarter)

    def bar_beat_ns(self, text: str) -> int:
        """Nanoseconds from the start of the file to a place such as ``3`` or ``3.1`` (bar 3, beat 1) or ``3.2.5``.

        Beats are those of the file's meter (:attr:`Meter.beats`): quarters in 4/4, dotted quarters in 6/8. Digits
        after a second point are a fraction of the beat. Places after the end go on in the last tempo and meter.

        Raises:
            PerformanceError: There is no such place.
        """
        found = re.fullmatch(r"\s*(\d+)(?:\.(\d+)(?:\.(\d+))?)?\s*", text)
        if not found:
            raise PerformanceError(f"'{text}' is no place in the music: write bar.beat, such as 3.1")
        if self._odd:
            raise PerformanceError(f"bars cannot be counted, {self._odd}: give seconds with at_s")
        bar, beat = int(found[1]), int(found[2] or 1)
        if bar < 1 or beat < 1:
            raise PerformanceError(f"'{text}' is no place in the music: bars and beats count from 1")
        at = self._bars[bisect_right(self._bars, bar - 1, key=lambda b: b.bar) - 1]
        beats = (*at.meter.beats, at.meter.bar_ticks)
        if beat >= len(beats):
            raise PerformanceError(f"'{text}' is no place in the music: a bar of {at.meter} has {len(beats) - 1} beats")
        within = beats[beat - 1] + float(f"0.{found[3] or 0}") * (beats[beat] - beats[beat - 1])
        return self.ns_at(at.tick + (bar - 1 - at.bar) * at.length + within * at.length / at.meter.bar_ticks)

    def events(self, tracks: Sequence[str] = (), start_s: float = 0.0, port: str = PORT) -> list[tuple[int, Event]]:
        """Everything the player does: (nanoseconds, event), in order; each event's stamp is that offset too.

        Args:
            tracks: Names of the tracks to play, any case; empty for all.
            start_s: Seconds from the start of the jam to the start of the file.
            port: Name of the instrument.

        Raises:
            PerformanceError: A track is not in the file.
        """
        wanted = {name.strip().lower() for name in tracks}
        missing = wanted - {track.name.strip().lower() for track in self._file.tracks}
        if missing:
            have = ", ".join(name for name in self.tracks if name) or "none with a name"
            raise PerformanceError(f"no track '{min(missing)}' in the file; it has: {have}")
        timed: list[tuple[int, int, bytes]] = []
        for track in self._file.tracks:
            tick = 0
            for message in track:
                tick += message.time
                if not message.is_meta and (not wanted or track.name.strip().lower() in wanted):
                    # offs first, so that a repeated note in another track is not cut by an earlier one's end
                    off = message.type == "note_off" or (message.type == "note_on" and not message.velocity)
                    timed.append((tick, 0 if off else 1, bytes(message.bin())))
        start, parser = round(start_s * 1e9), MidiParser(port)
        out: list[tuple[int, Event]] = []
        for tick, _, data in sorted(timed, key=lambda each: each[:2]):
            ns = start + self.ns_at(tick)
            out += [(ns, event) for event in parser.feed(data, ns)]
        return out

    def _map(self) -> tuple[list[_Tempo], list[_Bars]]:
        changes: list[tuple[int, Any]] = []
        for track in self._file.tracks:
            tick = 0
            for message in track:
                tick += message.time
                if message.type in ("set_tempo", "time_signature"):
                    changes.append((tick, message))
        changes.sort(key=lambda each: each[0])
        self._odd = ""
        tempi, bars = [_Tempo(0, 0, _DEFAULT_TEMPO_US)], [self._bars_of(0, 0, Meter())]
        for tick, message in changes:
            if message.type == "set_tempo":
                last = tempi[-1]
                tempi.append(_Tempo(tick, last.us + (tick - last.tick) * last.quarter_us, int(message.tempo)))
            else:
                try:
                    meter = Meter(int(message.numerator), int(message.denominator))
                except MeterError as error:  # its notes can be played all the same; only its bars cannot be counted
                    self._odd = f"the file's {error}"
                    continue
                before = bars[-1]
                # a change inside a bar ends that bar there, as notation programs do
                count = -(-(tick - before.tick) // before.length)
                bars.append(self._bars_of(tick, before.bar + count, meter))
        return tempi, [b for b, after in zip(bars, [*bars[1:], None], strict=True) if not after or after.bar > b.bar]

    def _bars_of(self, tick: int, bar: int, meter: Meter) -> _Bars:
        return _Bars(tick, bar, self._per_quarter * 4 * meter.numerator // meter.denominator, meter)


def performance_events(
    midi_file: str | Path | Any, tracks: Sequence[str] = (), start_s: float = 0.0
) -> list[tuple[int, Event]]:
    """Events of a MIDI file with the performance's own times; see :meth:`Performance.events`."""
    return Performance(midi_file).events(tracks, start_s)


def bar_beat_to_ns(text: str, midi_file: str | Path | Any) -> int:
    """Nanoseconds from the start of a MIDI file to a place in it; see :meth:`Performance.bar_beat_ns`."""
    return Performance(midi_file).bar_beat_ns(text)
