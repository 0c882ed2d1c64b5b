"""MIDI files as the box sounds them, by FluidSynth with its font, gain and settings, and how loud they are."""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sideman.service import synth_command
from sideman.service.settings_schema import Synth

if TYPE_CHECKING:
    from numpy.typing import NDArray

RATE = synth_command.RATE
BIG = Path("/nonexistent")
"""No memory file: the font is the one of a board with 1 GB or more."""
SILENCE = -70.0
"""LUFS of what is not heard: the absolute gate of BS.1770."""
_TAIL_S = 0.5
HOW = "pip install 'models_tflite/lab[loudness]'"


class NoMeterError(Exception):
    """Loudness cannot be measured here; the text says what to install."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Sound that was measured.

    Attributes:
        lufs: Integrated loudness (ITU-R BS.1770-4), at least ``SILENCE``.
        peak: Highest sample in dB over full scale; above 0 the box would clip.
    """

    lufs: float
    peak: float


def font() -> str:
    """The font of the card.

    Raises:
        NoSynthError: There is none.
    """
    return synth_command.font(Synth(), memory=BIG)


def rendered(midi: Path, *, gain: float | None = None, font_file: str = "") -> NDArray[np.float32]:
    """A MIDI file played by FluidSynth as :func:`sideman.service.synth_command.command` starts it, without a card.

    Args:
        midi: The file.
        gain: FluidSynth's; None = the box's own.
        font_file: Sound font; empty = the card's.

    Returns:
        Samples (n, 2) at ``RATE``, not clipped.

    Raises:
        NoSynthError: FluidSynth or the font is missing.
        OSError: FluidSynth failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.raw"
        _play(midi, out, ("-T", "raw", "-O", "float"), gain=gain, font_file=font_file)
        return np.fromfile(out, dtype="<f4").reshape(-1, 2)


def ogg(midi: Path, out: Path) -> None:
    """The same as an Ogg file to listen to.

    Raises:
        NoSynthError, OSError: As above.
    """
    _play(midi, out, ("-T", "oga"))


def _play(midi: Path, out: Path, form: tuple[str, ...], *, gain: float | None = None, font_file: str = "") -> None:
    gain = Synth().gain if gain is None else gain
    words = [synth_command.program(), "-n", "-i", "-q", "-r", str(RATE), "-o", f"synth.gain={gain}"]
    words += ["-o", "synth.midi-bank-select=gm", *form, "-F", str(out), font_file or font(), str(midi)]
    done = subprocess.run(words, capture_output=True, check=False, timeout=1800)  # noqa: S603 - found above
    if done.returncode != 0 or not out.is_file():
        raise OSError(f"FluidSynth failed: {done.stderr.decode('utf-8', 'replace').strip()[-200:]}")


def heard(samples: NDArray[np.float32], rate: int = RATE) -> Heard:
    """Loudness and peak of some sound (n, 2).

    Raises:
        NoMeterError: pyloudnorm is not installed.
    """
    try:
        import pyloudnorm
    except ImportError as error:
        raise NoMeterError(f"loudness is measured with pyloudnorm: {HOW}") from error
    if len(samples) < rate * _TAIL_S or not np.any(samples):
        return Heard(SILENCE, SILENCE)
    lufs = float(pyloudnorm.Meter(rate).integrated_loudness(samples.astype(np.float64)))
    peak = 20 * float(np.log10(max(float(np.max(np.abs(samples))), 1e-6)))
    return Heard(max(SILENCE, lufs) if np.isfinite(lufs) else SILENCE, peak)
