"""How the OLED spells music: chord symbols, keys and tempi in the few signs its alphabets have."""

from __future__ import annotations

import re

_SIGNS = {"#": "♯", "b": "♭"}
_QUALITIES = {"o": "°", "h": "ø"}
_HARTE = {"maj": "", "min": "m", "maj7": "Δ", "min7": "m7", "dim": "°", "dim7": "°7", "hdim7": "ø7", "aug": "+"}


def chord_name(name: str) -> str:
    """A chord for the strip: ``F#m7/A`` becomes ``F♯m7/A``, ``Bo7`` ``B°7``; Harte labels are shortened.

    >>> chord_name("Bb:min7/Ab")
    'B♭m7/A♭'
    """
    text = name.strip()
    if text in ("", "N", "X", "NC", "N.C."):
        return "-" if text else ""
    found = re.fullmatch(r"([A-G])([#b♯♭]?)(:?)([^/]*)(?:/([A-G])([#b]?))?.*", text)
    if found is None:
        return text
    root, sign, colon, quality, bass, bass_sign = found.groups()
    if colon:
        quality = _HARTE.get(quality, quality)
    elif quality.startswith("M"):
        quality = "Δ" + quality[1:].removeprefix("7")
    elif quality[:1] in _QUALITIES:
        quality = _QUALITIES[quality[0]] + quality[1:]
    tail = f"/{bass}{_SIGNS.get(bass_sign, '')}" if bass else ""
    return f"{root}{_SIGNS.get(sign, sign)}{quality}{tail}"


def key_name(key: str) -> str:
    """A key for the top line: ``A min`` becomes ``Am``, ``Bb maj`` ``B♭``; anything else stays as it is."""
    found = re.fullmatch(r"([A-G])([#b♯♭]?)[ :]?(maj|min|m|)(?:or)?", key.strip())
    if found is None:
        return key.strip()
    root, sign, kind = found.groups()
    return f"{root}{_SIGNS.get(sign, sign)}{'m' if kind.startswith('mi') or kind == 'm' else ''}"


def tempo_text(bpm: float | None, meter: str) -> str:
    """``♩=96``, ``♩?`` while it is free; dotted quarters in 6/8, 9/8 and 12/8."""
    head = meter.split(" ", maxsplit=1)[0]
    note = "♩." if head in ("6/8", "9/8", "12/8") else "♩"
    return f"{note}?" if bpm is None else f"{note}={round(bpm)}"
