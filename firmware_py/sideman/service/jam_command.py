"""``sideman jam``: a scripted jam of a virtual player with the real program."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from sideman.edges.journal import JournalFile
from sideman.edges.takes import write_take, write_whole
from sideman.jam.take_data import TakeData
from sideman.service.jam_run import JamRun, bar, play_fast, play_realtime
from sideman.service.report import report_of
from sideman.service.script import Script, ScriptError, read_script
from sideman.service.script_times import Times
from sideman.service.settings import Settings, load
from sideman.service.settings_errors import SettingsError
from sideman.service.take import spans_of, take_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of ``sideman jam``."""
    parser.add_argument("--midi", type=Path, required=True, help="the performance: a standard MIDI file")
    parser.add_argument("--script", type=Path, help="presses and settings (TOML); without it nobody presses")
    parser.add_argument("--out", type=Path, required=True, help="folder for what the jam leaves behind")
    parser.add_argument("--fast", action="store_true", help="on the offline clock: the same music in seconds")
    parser.add_argument("--settings", type=Path, help="settings file (TOML)")
    parser.add_argument("--models", type=Path, help="folder of the models, instead of the package's own")
    parser.add_argument("--no-pictures", action="store_true", help="leave out oled.gif and roll.png")


def run(args: argparse.Namespace) -> int:
    """Play, write, report."""
    try:
        script = read_script(args.script) if args.script else Script()
        settings = with_script(load(args.settings), script)
        made = jam(
            args.midi, script, settings, args.out, fast=args.fast, models=args.models, pictures=not args.no_pictures
        )
    except (ScriptError, SettingsError, ValueError, OSError) as error:
        sys.stderr.write(f"sideman jam: {error}\n")
        return 2
    sys.stdout.write(table(made) + "\n")
    return 0 if made["hung_notes"] == 0 else 1


def with_script(settings: Settings, script: Script) -> Settings:
    """Settings as a script wants them.

    Raises:
        SettingsError: The script names a key or value that does not exist.
    """
    try:
        settings = settings.with_values(dict(script.settings))
    except SettingsError as error:
        raise error.in_file(f"{script.file}: [settings]") from error
    for number, change in enumerate(script.sets, 1):
        try:
            settings.with_value(change.key, change.value)
        except SettingsError as error:
            raise error.in_file(f"{script.file}: [[set]] {number}") from error
    return settings


def jam(
    midi: Path,
    script: Script,
    settings: Settings,
    out: Path,
    *,
    fast: bool,
    models: Path | None = None,
    pictures: bool = True,
) -> dict[str, Any]:
    """One jam with everything it leaves in its folder; returns the report."""
    left_out = Times(script, midi).after_end()
    for line in left_out:
        _say(line)
    models = models or (Path(settings.band.models_folder) if settings.band.models_folder else None)
    out.mkdir(parents=True, exist_ok=True)
    log = out / "events.log"
    log.unlink(missing_ok=True)
    journal = JournalFile(log, _say)
    journal.write({"log": 1, "settings": {k: settings.plain(k) for k in _keys()}})
    if fast:
        made = play_fast(settings, script, midi, journal, models=models)
    else:
        made = play_realtime(
            settings, script, midi, journal, models=models, progress=bar if sys.stderr.isatty() else None
        )
    journal.close()
    made.notes += left_out
    return write_out(made, out, pictures=pictures, models=models)


def _say(text: str) -> None:
    if text:
        sys.stderr.write(f"{text}\n")


def _keys() -> tuple[str, ...]:
    from sideman.jam.options import setting_keys  # noqa: PLC0415 - only the log's head needs it

    return setting_keys()


def write_out(made: JamRun, out: Path, *, pictures: bool, models: Path | None = None) -> dict[str, Any]:
    """take.mid, lead.musicxml and lead.mid, osc.jsonl, report.json and, if wanted, oled.gif and roll.png."""
    box = made.conductor.jam
    take = take_of(box)
    write_take(out / "take.mid", take)
    _lead(out, take, box.options.key, models)
    report = report_of(made, take)
    write_whole(out / "report.json", (json.dumps(report, indent=1) + "\n").encode())
    from sideman.service.pictures.jam_files import oled_gif, osc_jsonl  # noqa: PLC0415 - Pillow is for afterwards

    osc_jsonl(made.front.items, out / "osc.jsonl")
    if pictures:
        from sideman.service.pictures.roll import RollData, piano_roll  # noqa: PLC0415 - as above

        oled_gif(made.front.items, out / "oled.gif")
        notes = {name: part.notes for name, part in take.parts.items() if part.notes}
        piano_roll(
            RollData(notes, tuple(box.recorder.chords), tuple(spans_of(box)), box.timeline.meter, title=take.name),
            out / "roll.png",
        )
    return report


def _lead(out: Path, take: TakeData, key: str, models: Path | None) -> None:
    """The lead sheet of a take; a jam in which nobody played has none."""
    from sideman.service.harmonise import chord_model, melody_of  # noqa: PLC0415 - NumPy is for afterwards
    from sideman.service.leadsheet import NothingPlayedError, lead_sheet, write_lead  # noqa: PLC0415 - as above

    networks, trouble = chord_model(models)
    if trouble:
        _say(f"{trouble}; the lead sheet's chords are found by rules.")
    try:
        write_lead(lead_sheet(take, melody_of(take), networks, "" if key == "auto" else key), out)
    except NothingPlayedError:
        for name in ("lead.musicxml", "lead.mid"):
            (out / name).unlink(missing_ok=True)


def table(report: dict[str, Any]) -> str:
    """The report in a few lines."""
    late, nic = report["lateness_ms"], report["nic"]
    states = " > ".join(dict.fromkeys(s["state"] for s in report["states"]))
    parts = ", ".join(f"{part} {n}" for part, n in report["notes_per_part"].items())
    floor = f" (floor p99 {late['floor'].get('p99')})" if late["floor"]["n"] else ""
    nic_beside = ", ".join(f"{k} {v}" for k, v in nic["baselines"].items())
    memory = ", ".join(f"{k} {v} MB" for k, v in report["rss_mb"].items())
    meter = f"{report['meter'][0]}/{report['meter'][1]} {report['key']}"
    return "\n".join(
        (
            f"states     {states}",
            f"tempo      {report['tempo_bpm']} quarters a minute, confidence {report['tempo_confidence']}, {meter}",
            f"notes      {parts}; hung {report['hung_notes']}",
            f"plans      {report['plans']}, late {report['late_plans']}",
            f"lateness   p50 {late['p50']} p99 {late['p99']} max {late['max']} ms of {late['n']}{floor}",
            "models     " + ", ".join(f"{f} p99 {m['p99']} ms" for f, m in report["model_ms"].items()),
            f"harmony    note in chord {nic['take']} ({nic_beside})",
            f"start-up   {report['startup_s']} s; memory {memory}",
        )
    )
