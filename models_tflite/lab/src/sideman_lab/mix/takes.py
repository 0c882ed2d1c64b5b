"""``sideman-lab evaluate mix``: how loud each part of a whole take is, and how far the sounds of a part lie apart.

A seeded melody is played and traded with the whole program once in each of several styles, then softly, loudly, and the
demo's performance (bass line, melody, chords) beside them. Each take is played by FluidSynth as the box has it, part by
part and all together; then every sound that a foot can choose plays its part's phrase.
``--set`` turns settings, so that another mix stands beside it: ``--set levels.balance=off`` is program and level alone.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from dataclasses import asdict
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import mido

from sideman.jam.levels import leaders
from sideman.music.mix import volume
from sideman.music.sounds import CHOICES, KITS
from sideman.service.jam_command import jam, with_script
from sideman.service.options import options_of
from sideman.service.script import read_script
from sideman.service.settings import Settings
from sideman.service.synth_command import NoSynthError
from sideman.sim.clip import BAR, BASS_BAR, BPM, CHORD_BAR, FILE, JITTER, MELODY_BAR, TICKS
from sideman_lab.mix import phrases, synth
from sideman_lab.mix.trims import PARTS, programs

if TYPE_CHECKING:
    from collections.abc import Sequence

STYLES = ("rock", "jazz", "funk", "pop", "reggae", "punk")
TOUCHES = {"soft": -36, "loud": 30}
"""Velocities added to the melody's in two more takes of the first style."""
DEMO = ", demo"
"""The take in which the player comps and plays bass as well: no melody to compare a solo with."""
OTHER_SEED = 2
"""The sounds are compared on phrases that the trims were not measured with."""
BED = ("drums", "bass", "chords")
"""Parts that must lie close to each other."""
STEMS = (*PARTS, "player")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of ``sideman-lab evaluate mix``."""
    parser.add_argument("--styles", nargs="+", default=STYLES, metavar="STYLE", help="one take each")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting of the box; repeats")
    parser.add_argument("--seed", type=int, default=OTHER_SEED, help="of the melody")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> int:
    """Measure and print; 0 when the targets are met."""
    values = dict(each.split("=", 1) for each in args.set)
    settings = Settings().with_values({key: _plain(text) for key, text in values.items()})
    try:
        takes = takes_of(settings, args.styles, args.seed)
        sounds = {part: spread(part, settings) for part in STEMS}
    except (NoSynthError, synth.NoMeterError) as error:
        print(f"sideman-lab evaluate mix: {error}", file=sys.stderr)
        return 1
    found = summary(takes, sounds)
    if args.json:
        rows = {style: {part: asdict(heard) for part, heard in stems.items()} for style, stems in takes.items()}
        print(json.dumps(found | {"takes": rows, "sounds": sounds}))
    else:
        print("\n".join(table(takes, sounds, found)))
    return 0 if not found["missed"] else 1


def _plain(text: str) -> Any:
    return int(text) if text.lstrip("-").isdigit() else float(text) if text.replace(".", "", 1).isdigit() else text


def takes_of(settings: Settings, styles: Sequence[str], seed: int) -> dict[str, dict[str, synth.Heard]]:
    """The takes by name, each part by part."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        midi = Path(folder) / "melody.mid"
        for style in styles:
            melody(midi, seed)
            found[style] = take(midi, settings, style)
        for name, louder in TOUCHES.items():
            melody(midi, seed, louder)
            found[f"{styles[0]}, {name}"] = take(midi, settings, styles[0])
    return found | {f"{styles[0]}{DEMO}": take(FILE, settings, styles[0])}


def melody(path: Path, seed: int, louder: int = 0) -> None:
    """A line of four bars wherever the demo's script has the player play, its timing that of hands."""
    random, file, timed = Random(f"melody {seed}"), mido.MidiFile(ticks_per_beat=TICKS), []
    for number, bar in enumerate((BASS_BAR, MELODY_BAR, CHORD_BAR)):
        for at, length, pitch, velocity in phrases.lead(10 * seed + number):
            on = max(0, round((bar - 1) * BAR + at * TICKS + random.gauss(0, JITTER)))
            touch = min(max(velocity + louder, 1), 127)
            timed.append((on, mido.Message("note_on", note=pitch, velocity=touch)))
            timed.append((on + round(length * TICKS), mido.Message("note_off", note=pitch)))
    track, now = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(BPM))]), 0
    for tick, message in sorted(timed, key=lambda each: (each[0], each[1].type)):
        track.append(message.copy(time=tick - now))
        now = tick
    file.tracks.append(track)
    file.save(str(path))


def take(midi: Path, settings: Settings, style: str) -> dict[str, synth.Heard]:
    """One jam by the demo's script, part by part; ``mix`` is all of them together."""
    script = read_script(FILE.with_suffix(".toml"))
    box = partial(synth.rendered, gain=settings.synth.gain, font_file=settings.synth.font)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        jam(
            midi,
            script,
            with_script(settings, script).with_values({"jam.style": style}),
            out,
            fast=True,
            pictures=False,
        )
        found = {"mix": synth.heard(box(out / "take.mid"))}
        for part in STEMS:
            if stem(out / "take.mid", part, out / "stem.mid"):
                found[part] = synth.heard(box(out / "stem.mid"))
    return found


def stem(whole: Path, part: str, out: Path) -> bool:
    """Write one part of a take with the take's tempo; False where it plays nothing."""
    file = mido.MidiFile(str(whole))
    tracks = [track for track in file.tracks[1:] if track.name == part]
    if not any(message.type == "note_on" for track in tracks for message in track):
        return False
    mido.MidiFile(type=1, ticks_per_beat=file.ticks_per_beat, tracks=[file.tracks[0], *tracks]).save(str(out))
    return True


def spread(part: str, settings: Settings) -> dict[str, float]:
    """LUFS of every sound on offer, playing the part's phrase at the part's level."""
    options = options_of(settings)
    level, font = options.part(part).level, settings.synth.font or synth.font()
    assert part in tuple(leaders(options))
    found = {}
    for program in CHOICES.get(part, KITS):
        sent = level if options.balance == "off" else volume(part, program, level)
        (lufs,) = programs(part, font, range(program, program + 1), sent, OTHER_SEED)
        found[str(program)] = round(lufs, 1)
    return found


def summary(takes: dict[str, dict[str, synth.Heard]], sounds: dict[str, dict[str, float]]) -> dict[str, Any]:
    """The figures with a target, and which of them miss it."""
    beds, over = [], []
    for name, stems in takes.items():
        bed = [stems[part].lufs for part in BED if part in stems]
        beds.append(max(bed) - min(bed))
        if "solo" in stems and "player" in stems and not name.endswith(DEMO):
            over.append(stems["solo"].lufs - stems["player"].lufs)
    found: dict[str, Any] = {
        "bed_spread": round(max(beds), 1),
        "solo_over_player": [round(min(over), 1), round(max(over), 1)] if over else [],
        "sound_spread": {part: round(max(each.values()) - min(each.values()), 1) for part, each in sounds.items()},
        "peak": round(max(stems["mix"].peak for stems in takes.values()), 1),
    }
    missed = [] if found["bed_spread"] <= 4 else ["bed_spread"]
    missed += [] if not over or (min(over) >= 0 and max(over) <= 3) else ["solo_over_player"]
    missed += [f"sounds of {part}" for part, dB in found["sound_spread"].items() if dB > 4]
    missed += [] if found["peak"] <= 0 else ["peak"]
    return found | {"missed": missed}


def table(
    takes: dict[str, dict[str, synth.Heard]], sounds: dict[str, dict[str, float]], found: dict[str, Any]
) -> list[str]:
    """The lines that are printed."""
    names = (*STEMS, "mix")
    lines = [f"{'LUFS':14} {' '.join(f'{name:>7}' for name in names)} {'peak':>6}  bed  solo-player"]
    for style, stems in takes.items():
        cells = [f"{stems[name].lufs:7.1f}" if name in stems else "      -" for name in names]
        bed = [stems[part].lufs for part in BED if part in stems]
        over = f"{stems['solo'].lufs - stems['player'].lufs:+.1f}" if {"solo", "player"} <= set(stems) else "-"
        lines.append(f"{style:14} {' '.join(cells)} {stems['mix'].peak:6.1f}  {max(bed) - min(bed):3.1f}  {over}")
    middle = [statistics.median(s[name].lufs for s in takes.values() if name in s) for name in names]
    lines += [f"{'median':14} {' '.join(f'{each:7.1f}' for each in middle)}", "", "sounds on offer: LUFS, spread"]
    for part, each in sounds.items():
        low, high = min(each, key=each.__getitem__), max(each, key=each.__getitem__)
        lines.append(
            f"{part:8} {len(each):3} sounds {each[low]:6.1f} ({low}) to {each[high]:6.1f} ({high})"
            f"  spread {found['sound_spread'][part]:.1f}"
        )
    return [*lines, f"missed: {', '.join(found['missed']) or 'nothing'}"]
