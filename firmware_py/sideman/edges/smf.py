"""A take as a Standard MIDI File: type 1, 960 ticks a quarter, one track a part, the same bytes every time."""

from __future__ import annotations

from sideman.jam.take_data import TakeData, TakePart
from sideman.music.meter import TICKS_PER_QUARTER, Meter

_TEXT, _NAME, _MARKER, _END, _TEMPO, _METER, _KEY = 0x01, 0x03, 0x06, 0x2F, 0x51, 0x58, 0x59
_MAX_TEMPO_US = (1 << 24) - 1
_OFF, _META, _ON = 0, 1, 2

_Timed = tuple[int, int, bytes]
"""Tick, rank within the tick, bytes; sorting these is the order in the file."""


def midi_file(take: TakeData) -> bytes:
    """The file's bytes (Standard MIDI Files 1.0).

    The take is moved by whole bars until nothing lies before tick 0. Note-offs come before note-ons of the same tick,
    so a repeated pitch sounds again. A note that starts while the same pitch sounds ends the earlier one there.
    """
    shift = _shift(take)
    tracks = [_track(_map(take, shift))]
    tracks += [_track(_part(name, part, shift)) for name, part in take.parts.items()]
    header = (
        b"MThd" + (6).to_bytes(4, "big") + b"".join(n.to_bytes(2, "big") for n in (1, len(tracks), TICKS_PER_QUARTER))
    )
    return header + b"".join(tracks)


def _shift(take: TakeData) -> int:
    ticks = [tick for tick, _ in take.markers]
    ticks += [tick for tick, _ in take.meters]
    ticks += [note[0] for part in take.parts.values() for note in part.notes]
    bar = take.meters[0][1].bar_ticks if take.meters else Meter().bar_ticks
    return -(min(ticks, default=0) // bar) * bar if min(ticks, default=0) < 0 else 0


def _map(take: TakeData, shift: int) -> list[_Timed]:
    timed: list[_Timed] = [(0, _META, _meta(_NAME, take.name.encode()))] if take.name else []
    for i, (tick, meter) in enumerate(take.meters or ((0, Meter()),)):
        body = bytes((meter.numerator, meter.denominator.bit_length() - 1, _clocks(meter), 8))
        timed.append((0 if i == 0 else tick + shift, _META, _meta(_METER, body)))
    for tick, sharps, minor in take.keys:
        timed.append((tick + shift, _META, _meta(_KEY, bytes((sharps % 256, int(minor))))))
    for i, (tick, quarter_ns) in enumerate(take.tempo or ((0, 500_000_000),)):
        microseconds = min(_MAX_TEMPO_US, max(1, round(quarter_ns / 1000)))
        at = 0 if i == 0 else max(0, tick + shift)
        timed.append((at, _META, _meta(_TEMPO, microseconds.to_bytes(3, "big"))))
    timed += [(tick + shift, _META, _meta(_MARKER, text.encode())) for tick, text in take.markers]
    return timed


def _clocks(meter: Meter) -> int:
    """MIDI clocks (24 a quarter) of the metronome's beat."""
    return min(255, max(1, meter.beat_ticks * 24 // TICKS_PER_QUARTER))


def _part(name: str, part: TakePart, shift: int) -> list[_Timed]:
    timed: list[_Timed] = [(0, _META, _meta(_NAME, name.encode()))]
    if part.program is not None:
        timed.append((0, _META, bytes((0xC0 | part.channel, part.program))))
    timed += [(0, _META, bytes((0xB0 | part.channel, *control))) for control in part.controls]
    timed += [(tick + shift, _META, _meta(_TEXT, text.encode())) for tick, text in part.texts]
    notes = sorted(part.notes)
    following: dict[int, int] = {}
    for tick, duration, pitch, velocity in reversed(notes):
        end = min(tick + max(1, duration), following.get(pitch, tick + max(1, duration)))
        if following.get(pitch) == tick:  # the same pitch twice at one tick is one note
            continue
        following[pitch] = tick
        timed.append((tick + shift, _ON, bytes((0x90 | part.channel, pitch, velocity))))
        timed.append((end + shift, _OFF, bytes((0x80 | part.channel, pitch, 0))))
    return timed


def _track(timed: list[_Timed]) -> bytes:
    body, now = bytearray(), 0
    # metas keep their given order within a tick; notes go by channel and pitch
    for tick, _, data in sorted(timed, key=lambda each: (each[0], each[1], each[2] if each[1] != _META else b"")):
        assert tick >= now
        body += _variable(tick - now) + data
        now = tick
    body += b"\0" + _meta(_END, b"")
    return b"MTrk" + len(body).to_bytes(4, "big") + bytes(body)


def _meta(kind: int, body: bytes) -> bytes:
    return bytes((0xFF, kind)) + _variable(len(body)) + body


def _variable(value: int) -> bytes:
    """Variable-length quantity: seven bits a byte, the highest first."""
    out = [value & 0x7F]
    while value := value >> 7:
        out.append(0x80 | value & 0x7F)
    return bytes(reversed(out))
