"""``sideman harmonise``: chords for a whole melody, from a MIDI file or the event log of a jam, as a lead sheet."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path

from sideman.band.harmony import parsed_key
from sideman.band.models import NO_MODELS, Models
from sideman.band.stopwatch import Stopwatch
from sideman.edges.smf_read import DRUMS, MidiFileError, read_midi
from sideman.edges.takes import TakeError
from sideman.jam.take_data import TakeData
from sideman.music.meter import MeterError, parse_meter
from sideman.music.notes import Note
from sideman.service.leadsheet import NothingPlayedError, describe, lead_sheet, write_lead
from sideman.service.replay import LogError, replayed
from sideman.service.take import take_of

_TUNES = ("player", "melody", "lead", "voice", "vocal")
"""Names of tracks that hold the tune, the surest first."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of ``sideman harmonise``."""
    parser.add_argument("source", type=Path, help="a take or any other MIDI file, or the event log of a jam")
    parser.add_argument("--out", type=Path, required=True, help="folder for lead.musicxml and lead.mid")
    parser.add_argument("--track", help="name of the track with the melody (default: the player's, else the likeliest)")
    parser.add_argument("--key", default="", help="the key, such as 'A min' (default: found)")
    parser.add_argument("--meter", help="the meter, such as 6/8 or '7/8 2+2+3' (default: the file's)")
    parser.add_argument("--models", type=Path, help="folder of the models, instead of the package's own")
    parser.add_argument("--prefix", default="", help="what the names of the files begin with, such as '000012.'")
    parser.add_argument("--gently", action="store_true", help="with the lowest priority, beside a jam")


def run(args: argparse.Namespace) -> int:
    """Read, harmonise, write."""
    if args.gently:
        os.nice(19)
    try:
        key = key_of(args.key)
        take, own_key = read_source(args.source)
        if args.meter:
            take = replace(take, meters=((0, parse_meter(args.meter)),))
        models, trouble = chord_model(args.models)
        sheet = lead_sheet(take, melody_of(take, args.track), models, key or own_key)
        paths = write_lead(sheet, args.out, args.prefix)
    except NothingPlayedError as error:
        sys.stderr.write(f"sideman harmonise: {error}\n")
        return 1
    except (MidiFileError, LogError, MeterError, OSError, ValueError) as error:
        said = error if isinstance(error, TakeError) or not isinstance(error, OSError) else error.strerror
        sys.stderr.write(f"sideman harmonise: {said}\n")
        return 2
    if trouble:
        sys.stderr.write(f"sideman harmonise: {trouble}; the chords are found by rules.\n")
    sys.stdout.write(describe(sheet, "model" if models.chords is not None else "rules") + "\n")
    sys.stdout.write(", ".join(str(path) for path in paths) + "\n")
    return 0


def key_of(text: str) -> str:
    """A key as the band writes it.

    Raises:
        ValueError: It is no key.
    """
    if text and (parsed_key(text) is None or text.partition(" ")[2] not in ("maj", "min")):
        raise ValueError(f"'{text}' is no key: write a note and maj or min, such as 'A min'")
    return text


def read_source(path: Path) -> tuple[TakeData, str]:
    """The take of a MIDI file or of an event log, and the key that was set in the jam.

    Raises:
        MidiFileError, LogError: It is neither.
    """
    try:
        with path.open("rb") as file:
            head = file.read(4)
    except FileNotFoundError as error:
        raise MidiFileError(f"{path} is not there: name a MIDI file or an event log") from error
    except OSError as error:
        raise MidiFileError(f"{path} cannot be read ({error.strerror}): name a MIDI file or an event log") from error
    if head[:1] == b"{":
        try:
            conductor, name = replayed(path)
        except UnicodeDecodeError as error:
            raise LogError(f"{path} is not an event log: it is not text") from error
        key = conductor.jam.options.key
        return take_of(conductor.jam, name), "" if key == "auto" else key
    if head != b"MThd":
        raise MidiFileError(f"{path} is neither a MIDI file nor the event log of a jam")
    return read_midi(path), ""


def melody_of(take: TakeData, track: str | None = None) -> list[Note]:
    """The notes to harmonise: the named track's, the player's, or those of the likeliest track; no drums.

    Raises:
        MidiFileError: The named track is not there.
    """
    pitched = {name: part for name, part in take.parts.items() if part.channel != DRUMS and part.notes}
    if track is not None:
        names = [name for name in pitched if name.lower() == track.strip().lower()]
        if not names:
            have = ", ".join(pitched) or "none"
            raise MidiFileError(f"there is no track '{track}' with notes; there is: {have}")
    elif "player" in take.parts:
        names = ["player"] if "player" in pitched else []
    else:
        order = sorted(pitched, key=lambda name: next((i for i, w in enumerate(_TUNES) if w in name.lower()), 9))
        names = order[:1]
    return [Note(*note) for name in names for note in sorted(pitched[name].notes)]


def chord_model(folder: Path | None) -> tuple[Models, str]:
    """The shipped chord network, or none and one sentence that says why."""
    try:
        from sideman.band.networks import opened  # noqa: PLC0415 - loads NumPy and the interpreter

        return Models(chords=opened("chords", folder, None, Stopwatch())), ""
    except Exception as error:  # noqa: BLE001 - whatever is wrong with a model, the rules find chords
        return NO_MODELS, " ".join(str(error).split()).rstrip(".")
