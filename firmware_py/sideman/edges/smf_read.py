"""Any Standard MIDI File as a take: its tracks, tempo map, meters and keys, in our ticks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sideman.jam.take_data import TakeData, TakeNote, TakePart
from sideman.music.meter import TICKS_PER_QUARTER, Meter, MeterError

if TYPE_CHECKING:
    from pathlib import Path

DRUMS = 9


class MidiFileError(ValueError):
    """A MIDI file that cannot be used; the message says why and what to do."""


def read_midi(path: Path) -> TakeData:
    """Read a MIDI file.

    A part is what one track plays on one channel; parts of one name get a number.

    Raises:
        MidiFileError: It cannot be read, has no common beat, or a meter that nobody counts.
    """
    import mido  # noqa: PLC0415 - the box itself reads no files

    try:
        file = mido.MidiFile(str(path), clip=True)
    except FileNotFoundError as error:
        raise MidiFileError(f"{path} is not there: name a MIDI file or an event log") from error
    except (OSError, EOFError, ValueError, IndexError, KeyError) as error:
        raise MidiFileError(f"{path} is not a MIDI file that can be read: {error or 'it ends too early'}") from error
    if file.type == 2:
        raise MidiFileError(f"{path} is a type 2 MIDI file without a common time: save it as type 0 or 1")
    if file.ticks_per_beat <= 0:
        raise MidiFileError(f"{path} is in SMPTE time and has no beats: save it with ticks per quarter")
    tempo: list[tuple[int, int]] = []
    meters: list[tuple[int, Meter]] = []
    parts: dict[str, TakePart] = {}
    title = ""
    for number, track in enumerate(file.tracks):
        by_channel: dict[int, list[TakeNote]] = {}
        for tick, message in _timed(track, file.ticks_per_beat):
            if message.type == "set_tempo":
                tempo.append((tick, int(message.tempo) * 1000))
            elif message.type == "time_signature":
                try:
                    meters.append((tick, Meter(int(message.numerator), int(message.denominator))))
                except MeterError as error:
                    raise MidiFileError(f"{path}: {error}; or say the meter with --meter") from error
        title = title or (track.name if number == 0 else "")
        for channel, note in _notes(track, file.ticks_per_beat):
            by_channel.setdefault(channel, []).append(note)
        for channel, notes in sorted(by_channel.items()):
            name = track.name.strip() or f"track {number}"
            at, free = 2, name
            while free in parts:
                free, at = f"{name} {at}", at + 1
            parts[free] = TakePart(channel, None, tuple(notes))
    tempo.sort()
    meters.sort(key=lambda each: each[0])
    return TakeData(tuple(tempo), tuple(meters), (), parts, title.strip() or path.stem)


def _timed(track: Any, per_quarter: int) -> list[tuple[int, Any]]:
    now, out = 0, []
    for message in track:
        now += message.time
        out.append((round(now * TICKS_PER_QUARTER / per_quarter), message))
    return out


def _notes(track: Any, per_quarter: int) -> list[tuple[int, TakeNote]]:
    """Channel and note; a note struck again ends there, one never ended ends with its track."""
    out: list[tuple[int, TakeNote]] = []
    down: dict[tuple[int, int], tuple[int, int]] = {}
    tick = 0

    def end(key: tuple[int, int]) -> None:
        start, velocity = down.pop(key)
        if tick > start:
            out.append((key[0], (start, tick - start, key[1], velocity)))

    for tick, message in _timed(track, per_quarter):
        if message.type not in {"note_on", "note_off"}:
            continue
        key = (message.channel, message.note)
        if key in down:
            end(key)
        if message.type == "note_on" and message.velocity:
            down[key] = (tick, message.velocity)
    for key in list(down):
        end(key)
    return out
