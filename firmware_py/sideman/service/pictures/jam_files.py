"""What a jam leaves beside its take: the display as a GIF, everything OSC would send, the take as audio."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from pathlib import Path

from PIL import Image

from sideman.edges.oled_face import draw
from sideman.edges.osc_encode import Encoder, Outgoing
from sideman.jam.cues import (
    BeatCue,
    ControlSounds,
    NoteAhead,
    NoteSounds,
    PlanShown,
    Shown,
    StageCue,
    Status,
)
from sideman.service.settings_schema import Synth

HOW_TO_HEAR = "no take.ogg: apt-get install fluidsynth fluid-soundfont-gm"
_FONTS = ("FluidR3_GM.sf2", "default-GM.sf2", "TimGM6mb.sf2", "FluidR3_GS.sf2")
_FONT_FOLDERS = ("/usr/share/sounds/sf2", "/usr/share/soundfonts", "/usr/local/share/soundfonts")
_LONGEST_FRAMES = 3000


def oled_gif(items: Iterable[Shown], path: Path, *, fps: float = 10.0, scale: int = 2) -> int:
    """Play the captured statuses at their own times, ``fps`` pictures a second; equal neighbours become one long one.

    Args:
        items: What a front captured, statuses among other things.
        path: Where the GIF goes.
        fps: Pictures a second of jam time.
        scale: Pixels a pixel.

    Returns:
        Number of different pictures; 0, and no file, when there is no status.
    """
    statuses = sorted((item for item in items if isinstance(item, Status)), key=lambda status: status.ns)
    if not statuses:
        return 0
    step = round(1e9 / fps)
    first, last = statuses[0].ns, statuses[-1].ns
    number = min(_LONGEST_FRAMES, (last - first) // step + 1)
    times = [status.ns for status in statuses]
    frames: list[Image.Image] = []
    lasts: list[int] = []
    before = b""
    for index in range(number):
        now = first + index * step
        face = draw(statuses[bisect_right(times, now) - 1], now)
        pixels = face.tobytes()
        if pixels == before:
            lasts[-1] += step // 1_000_000
            continue
        before = pixels
        size = (face.width * scale, face.height * scale)
        frames.append(face.resize(size, Image.Resampling.NEAREST))
        lasts.append(step // 1_000_000)
    lasts[-1] += 1000
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=lasts, loop=0, optimize=False)
    return len(frames)


def osc_messages(items: Iterable[Shown], *, box: str = "sideman") -> list[Outgoing]:
    """Everything OSC would have sent, in the order of sending, through the encoder of the real thing."""
    encoder = Encoder(box)
    sent: list[Outgoing] = []
    now = 0
    for item in items:
        now = max(now, _shown_at(item, now))
        sent += encoder.encode(item, now)
    return sorted(sent, key=lambda message: message.send_ns)


def osc_jsonl(items: Iterable[Shown], path: Path, *, box: str = "sideman") -> int:
    """One JSON object a line: ``at_s`` and ``due_s`` (seconds from the first item), ``address``, ``args``.

    Returns:
        Number of messages.
    """
    sent = osc_messages(items, box=box)
    zero = sent[0].send_ns if sent else 0
    with path.open("w", encoding="utf-8") as file:
        for message in sent:
            args = [round(value, 6) if isinstance(value, float) else value for value in message.args]
            line = {
                "at_s": round((message.send_ns - zero) / 1e9, 6),
                "due_s": round((message.due_ns - zero) / 1e9, 6),
                "address": message.address,
                "args": args,
            }
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    return len(sent)


def _shown_at(item: Shown, now_ns: int) -> int:
    """When an item was shown: what is told ahead carries only its due time and came with what was shown before it."""
    if isinstance(item, Status | NoteSounds | ControlSounds | PlanShown):
        return item.ns
    if isinstance(item, NoteAhead | BeatCue | StageCue):
        return now_ns or item.due_ns
    return now_ns


def soundfont() -> Path | None:
    """A General MIDI sound font of this machine; ``SIDEMAN_SOUNDFONT`` names another."""
    named = os.environ.get("SIDEMAN_SOUNDFONT")
    if named:
        return Path(named) if Path(named).is_file() else None
    for folder in _FONT_FOLDERS:
        for name in _FONTS:
            if (Path(folder) / name).is_file():
                return Path(folder) / name
    return None


def render_ogg(mid: Path, path: Path, *, timeout_s: float = 120.0) -> str:
    """Play a MIDI file into an Ogg Vorbis file with FluidSynth.

    Returns:
        An empty string, or one line that says why there is no file and how to get one.
    """
    program, font = shutil.which("fluidsynth"), soundfont()
    if program is None or font is None:
        return HOW_TO_HEAR
    part = path.with_name(f".{path.name}.part")
    command: Sequence[str] = [
        *(
            program,
            "-n",
            "-i",
            "-q",
            "-g",
            str(Synth().gain),
            "-r",
            "44100",
            "-T",
            "oga",
            "-F",
            str(part),
            str(font),
            str(mid),
        ),
    ]
    try:
        done = subprocess.run(command, capture_output=True, timeout=timeout_s, check=False)  # noqa: S603 - found above
    except (OSError, subprocess.TimeoutExpired) as error:
        part.unlink(missing_ok=True)
        return f"no {path.name}: FluidSynth failed: {error}"
    if done.returncode != 0 or not part.is_file() or part.stat().st_size == 0:
        part.unlink(missing_ok=True)
        words = done.stderr.decode("utf-8", "replace").strip().splitlines()
        return f"no {path.name}: FluidSynth failed: {words[-1] if words else done.returncode}"
    part.replace(path)
    return ""
