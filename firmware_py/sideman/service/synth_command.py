"""``sideman synth``: becomes FluidSynth on the right sound card, with the right font; what the synth's unit starts."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from sideman.music.sound_trims import FONT
from sideman.service.settings import Settings, load_or_defaults
from sideman.service.settings_schema import Synth

RATE = 48_000
FONTS = (
    "/usr/share/sounds/sf2/FluidR3_GM.sf2",
    "/usr/share/sounds/sf2/default-GM.sf2",
    "/usr/share/sounds/sf3/default-GM.sf3",
    "/usr/share/sounds/sf2/TimGM6mb.sf2",
)
"""Sound fonts of Debian's packages, the best first."""
SMALL_MB = 1000
"""A board with less memory gets the smallest font that is there: FluidR3 alone takes 150 MB."""
_RANKS = (re.compile("dummy|loopback|virmidi", re.IGNORECASE), re.compile("hdmi", re.IGNORECASE),
          re.compile("bcm2835|headphones", re.IGNORECASE), re.compile("usb", re.IGNORECASE))  # fmt: skip
_CARD = re.compile(r"^\s*(\d+) \[(\S+)\s*\]: (.*)$")


class NoSynthError(Exception):
    """FluidSynth cannot run; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Card:
    """A sound card that can play.

    Attributes:
        name: Its short name, as ALSA has it.
        words: Driver and long name.
    """

    name: str
    words: str

    @property
    def rank(self) -> int:
        """0 = a DAC board, 1 = USB, 2 = the headphone jack, 3 = HDMI, 4 = no real card."""
        said = f"{self.name} {self.words}"
        found = next((index for index, rank in enumerate(_RANKS) if rank.search(said)), len(_RANKS))
        return len(_RANKS) - found

    @property
    def device(self) -> str:
        """What ALSA calls it; HDMI wants frames of its own, which ``default`` knows how to make."""
        kind = "default" if self.rank == 3 else "plughw"
        return f"{kind}:CARD={self.name}"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument(
        "--settings", type=Path, metavar="FILE", help="settings file (default /etc/sideman/settings.toml)"
    )
    parser.add_argument(
        "--print", action="store_true", dest="only_print", help="print the command instead of becoming it"
    )


def run(args: argparse.Namespace) -> int:
    """Become FluidSynth; 0 where it is not wanted or there is no card, 1 when something is missing."""
    settings = load_or_defaults(args.settings).settings
    try:
        words = command(settings, cards(), font(settings.synth), program())
    except NoSynthError as error:
        sys.stderr.write(f"sideman synth: {error}\n")
        return 1
    if not words:
        sys.stdout.write("sideman synth: switched off (synth.on), or no sound card: nothing to do\n")
        return 0
    sys.stdout.write(
        f"{' '.join(words)}\n{latency_ms(settings.synth):.1f} ms from note to jack, without the board's own\n"
    )
    if args.only_print:
        return 0
    sys.stdout.flush()
    os.execv(words[0], words)  # noqa: S606 - no shell, and every word is ours or the settings'
    return 0  # for a test that keeps it from becoming another program


def command(settings: Settings, found: list[Card], font_file: str, fluidsynth: str) -> list[str]:
    """The words that start FluidSynth; none where it is switched off or cannot be heard.

    Without ``-n``: that would keep its MIDI port closed. ``-s`` keeps it running without a terminal.

    Raises:
        NoSynthError: The card of the settings is not there.
    """
    synth = settings.synth
    if not synth.on or not found:
        return []
    wanted = [card for card in found if synth.card.lower() in f"{card.name} {card.words}".lower()]
    if not wanted:
        there = ", ".join(card.name for card in found)
        raise NoSynthError(f"no sound card is called '{synth.card}' (there is: {there}); correct synth.card")
    card = min(wanted, key=lambda each: each.rank)
    priority = settings.service.realtime_priority
    options = {
        "audio.alsa.device": card.device,
        "audio.realtime-prio": max(0, priority - 10),
        "midi.realtime-prio": max(0, priority - 5),
        "midi.alsa_seq.id": "sideman",
        "synth.midi-bank-select": "gm",
        "synth.gain": synth.gain,
    }
    words = [fluidsynth, "-i", "-s", "-a", "alsa", "-m", "alsa_seq", "-r", str(RATE)]
    words += ["-z", str(synth.frames), "-c", str(synth.periods)]
    for name, value in options.items():
        words += ["-o", f"{name}={value}"]
    return [*words, font_file]


def latency_ms(synth: Synth) -> float:
    """Longest wait of a note in FluidSynth's buffers, in ms."""
    return synth.frames * synth.periods / RATE * 1000


def cards(proc: Path = Path("/proc/asound")) -> list[Card]:
    """Sound cards that can play, in ALSA's order."""
    try:
        lines = (proc / "cards").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    found = []
    for row, below in zip(lines, [*lines[1:], ""], strict=True):
        match = _CARD.match(row)
        if match and list(proc.glob(f"card{match[1]}/pcm*p")):
            found.append(Card(match[2], f"{match[3]} {below.strip()}"))
    return found


def font(synth: Synth, fonts: tuple[str, ...] = FONTS, memory: Path = Path("/proc/meminfo")) -> str:
    """The sound font: the settings' own, else the best one that is there, the smallest on a small board.

    Raises:
        NoSynthError: There is none.
    """
    if synth.font:
        if not Path(synth.font).is_file():
            raise NoSynthError(f"synth.font = '{synth.font}': no such file")
        return synth.font
    there = [each for each in fonts if Path(each).exists()]
    if not there:
        raise NoSynthError(
            "no General MIDI sound font: apt install fluid-soundfont-gm, or timgm6mb-soundfont on a Zero"
        )
    small = re.search(r"MemTotal:\s+(\d+)", memory.read_text(encoding="ascii")) if memory.exists() else None
    if small and int(small[1]) / 1000 < SMALL_MB:
        return min(there, key=lambda each: Path(each).stat().st_size)
    return there[0]


def mixed(settings: Settings) -> Settings:
    """Settings whose mix is that of the font: ``levels.balance = "auto"`` is off where another font plays.

    The trims of one font put the sounds of another further apart than none would.
    """
    if settings.levels.balance != "auto":
        return settings
    try:
        file = font(settings.synth)
    except NoSynthError:
        return settings
    return settings if Path(file).resolve().name == FONT else settings.with_value("levels.balance", "off")


def program() -> str:
    """Where FluidSynth is.

    Raises:
        NoSynthError: It is not installed.
    """
    found = shutil.which("fluidsynth")
    if found is None:
        raise NoSynthError("FluidSynth is not installed: apt install fluidsynth")
    return found
