"""``report.json``: what a jam did, in figures, each beside its floor or its baselines."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sideman.jam.cues import Status
from sideman.jam.live import BEATS_AHEAD
from sideman.jam.take_data import TakeData
from sideman.service.health import Lateness
from sideman.service.jam_run import OUTPUT, JamRun
from sideman.service.nic import note_in_chord

SCHEMA = 1


def report_of(run: JamRun, take: TakeData) -> dict[str, Any]:
    """The report of a jam that is over."""
    jam = run.conductor.jam
    material = jam.session.material
    late = Lateness()
    for ns in jam.lateness:
        late.add(ns)
    counts = Counter(note.part for note in jam.recorder.band)
    meter = jam.timeline.meter
    return {
        "schema": SCHEMA,
        "realtime": run.realtime,
        "states": _states(run),
        "tempo_bpm": round(material.phrase.bpm if material else jam.timeline.tempo.bpm, 2),
        "tempo_confidence": round(material.confidence if material else 0.0, 3),
        "meter": [meter.numerator, meter.denominator],
        "key": material.key if material else "",
        "chords": [list(c) for c in jam.recorder.chords],
        "notes_per_part": {part: counts.get(part, 0) for part in ("drums", "bass", "chords", "solo")},
        "hung_notes": len(run.out.hung()) + len(jam.sounding),
        "ports": {OUTPUT: {"on": sum(run.out.on.values()), "off": sum(run.out.off.values())}},
        "plans": jam.plans,
        "plan_stability": {
            "beats_ahead": BEATS_AHEAD,
            "share": None if jam.stability.share is None else round(jam.stability.share, 3),
            "n": jam.stability.total,
        },
        "late_plans": jam.late_plans,
        "late_events": jam.late_events,
        "lateness_ms": late.summary() | {"floor": run.floor or Lateness().summary()},
        "model_ms": {family: _spread(values) for family, values in sorted(jam.model_ms.items())},
        "startup_s": round(run.startup_s, 2),
        "wall_s": round(run.wall_s, 2),
        "rss_mb": {name: round(value, 1) for name, value in run.rss.items()},
        "nic": note_in_chord(take.parts["player"].notes, jam.recorder.chords),
        "notes": run.notes,
    }


def _states(run: JamRun) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    line = run.conductor.jam.timeline
    for item in run.front.items:
        if isinstance(item, Status) and (not found or found[-1]["shown_state"] != item.state):
            found.append(
                {
                    "s": round((item.ns - run.start_ns) / 1e9, 3),
                    "beat": round(line.tick(item.ns) / 960, 2),
                    "ear": item.ear,
                    "band": item.band,
                    "shown": item.shown,
                    "shown_state": item.state,
                }
            )
    for state in found:
        state["state"] = state.pop("shown_state")
    return found


def _spread(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    n = len(ordered)
    return {
        "n": n,
        "p50": round(ordered[n // 2], 3),
        "p99": round(ordered[min(n - 1, n * 99 // 100)], 3),
        "max": round(ordered[-1], 3),
    }
