"""What the chord net hears of one 16th frame: pitch classes, their memory, the form, the place in the bar.

Every block of 12 is indexed by absolute pitch class; there is no bar-position one-hot, so any meter works. The
streaming encoder costs the same in every frame, however long the jam is. Input follows spec PSC/RJ-style live use:
polyphony is weighted by velocity and age instead of taking the first note.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sideman.music.harmony import MelodyFrame
    from sideman.music.meter import Meter

    Floats = NDArray[np.float32]

FRAME_TICKS = 240
HALF_LIVES = (8.0, 32.0, 128.0)
"""Half-lives in frames of the three pitch-class memories."""
DECAYS = tuple(0.5 ** (1.0 / h) for h in HALF_LIVES)
_KEPT = np.array(DECAYS, np.float32)[:, None]
_TAKEN = np.array([1 - decay for decay in DECAYS], np.float32)[:, None]
FORM_BARS = (1, 2, 4, 8, 16)
"""Lags in bars at which the form memory listens for a repeat."""
FORM_DECAY = 0.5 ** (1.0 / 16.0)
FORM_WINDOW = 8
"""Frames in each of the two windows that the form memory foretells."""
N_SCALARS = 4
N_METER = 13
N_FEATURES = 12 * 2 + 12 * 3 + 12 * 2 + N_SCALARS + len(FORM_BARS) + N_METER
METER_AT = N_FEATURES - N_METER
STRONG_AT = METER_AT + 9
"""The feature that says whether the next frame is a strong beat."""


def meter_table(meter: Meter) -> Floats:
    """Features of each frame of a bar, shape (frames in the bar, N_METER)."""
    bar = meter.bar_frames
    groups = sorted(t // FRAME_TICKS for t in meter.groups)
    beats = sorted({t // FRAME_TICKS for t in meter.beats})
    table = np.zeros((bar, N_METER), np.float32)
    for frame in range(bar):
        group = max(g for g in groups if g <= frame)
        group_len = min([g for g in groups if g > frame] or [bar]) - group
        beat = max(b for b in beats if b <= frame)
        beat_len = min([b for b in beats if b > frame] or [bar]) - beat
        turn = 2 * np.pi * frame / bar
        in_group = 2 * np.pi * (frame - group) / group_len
        in_beat = 2 * np.pi * (frame - beat) / beat_len
        table[frame] = (
            np.sin(turn),
            np.cos(turn),
            np.sin(2 * turn),
            np.cos(2 * turn),
            np.sin(in_group),
            np.cos(in_group),
            np.sin(in_beat),
            np.cos(in_beat),
            frame == 0,
            frame in groups,
            frame in beats,
            bar / 16,
            meter.compound,
        )
    return table


def hear(frame: MelodyFrame, ages: dict[int, int]) -> tuple[Floats, Floats, float]:
    """Pitch-class weights of a frame, updating the age of each sounding pitch in place.

    Args:
        frame: What was heard.
        ages: Frames each sounding pitch has been held; changed to this frame's.

    Returns:
        Sounding and onset weights, shape (12,) each summing to 1 or 0, and the register (highest sounding pitch, or 0).
    """
    sound, onset = np.zeros(12, np.float32), np.zeros(12, np.float32)
    held = set(frame.sounding)
    for pitch in list(ages):
        if pitch not in held or pitch in frame.onsets:
            del ages[pitch]
    for i, pitch in enumerate(frame.sounding):
        age = ages[pitch] = ages.get(pitch, -1) + 1
        velocity = frame.velocities[i] if i < len(frame.velocities) else 80
        sound[pitch % 12] += max(velocity, 1) / 127 * 0.5 ** (age / 8)
    for pitch in frame.onsets:
        onset[pitch % 12] += 1
    if sound.any():
        sound /= sound.sum()
    if onset.any():
        onset /= onset.sum()
    return sound, onset, float(max(frame.sounding, default=0))


class FeatureStream:
    """Features frame by frame; all of its state is here and copies with ``copy``."""

    def __init__(self, meter: Meter, first_frame: int = 0) -> None:
        """Start before ``first_frame`` (frames from the first bar line; negative in a pickup)."""
        self.table = meter_table(meter)
        self.bar = meter.bar_frames
        self.next_frame = first_frame
        self.heard = 0
        self.lags = tuple(n * self.bar for n in FORM_BARS)
        self.ring = np.zeros((self.lags[-1] + 1, 12), np.float32)
        self.memory = np.zeros((len(DECAYS), 12), np.float32)
        self.match = np.zeros((len(FORM_BARS), 2), np.float32)
        self.ages: dict[int, int] = {}
        self.register = 66.0
        self.since = 0

    def step(self, frame: MelodyFrame) -> Floats:
        """Take what was heard in ``next_frame``.

        Returns:
            Features, shape (N_FEATURES,).
        """
        sound, onset, register = hear(frame, self.ages)
        if register:
            self.register = register
        has_onset = bool(onset.any())
        self.since = 0 if has_onset else self.since + 1
        t, size = self.heard, len(self.ring)
        self.ring[t % size] = sound
        self.memory = _KEPT * self.memory + _TAKEN * sound
        self.match *= FORM_DECAY
        sounds = bool(sound.any())
        for i, lag in enumerate(self.lags):
            if t < lag:
                break
            before = self.ring[(t - lag) % size]
            if sounds:
                self.match[i, 0] += float(sound @ before)
                self.match[i, 1] += 1.0
            elif before.any():
                self.match[i, 1] += 1.0
        self.heard += 1
        self.next_frame += 1
        return self._features(sound, onset, has_onset, silent=not sounds)

    def form(self) -> Floats:
        """How well the last bars match those 1, 2, 4, 8 and 16 bars before, 0-1 each."""
        confidence: Floats = (self.match[:, 0] / (self.match[:, 1] + 4.0)).astype(np.float32)
        return confidence

    def foretold(self) -> Floats:
        """Pitch classes that the form memory expects in each of the two windows after the last frame, shape (2, 12)."""
        return self._foretold(self.form())

    def _foretold(self, form: Floats) -> Floats:
        total = np.zeros((2, 12), np.float32)
        weights = np.maximum(form - 0.3, 0) ** 2
        if not weights.any():
            return total
        size, now = len(self.ring), self.heard
        for weight, lag in zip(weights, self.lags, strict=True):
            if weight <= 0:
                continue
            for window in range(2):
                first = max(0, now - lag + window * FORM_WINDOW)
                last = min(now - lag + (window + 1) * FORM_WINDOW, now)
                if last > first:
                    begin, end = first % size, (last - 1) % size + 1
                    rows = self.ring[begin:end] if begin < end else self.ring[np.arange(first, last) % size]
                    total[window] += weight * rows.sum(axis=0) / FORM_WINDOW
        mass: Floats = total / np.float32(weights.sum() + 1e-3)
        return mass

    def _features(self, sound: Floats, onset: Floats, has_onset: bool, *, silent: bool) -> Floats:
        form = self.form()
        out = np.empty(N_FEATURES, np.float32)
        out[0:12] = sound
        out[12:24] = onset
        out[24:60] = (self.memory / (self.memory.sum(axis=1, keepdims=True) + 1e-3)).ravel()
        out[60:84] = self._foretold(form).ravel()
        out[84] = silent
        out[85] = (self.register - 66) / 12
        out[86] = has_onset
        out[87] = np.log1p(self.since) / 4
        out[88:METER_AT] = form
        out[METER_AT:] = self.table[self.next_frame % self.bar]
        return out
