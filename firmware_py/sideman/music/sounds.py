"""The 128 sounds of General MIDI by name, which of them a foot chooses from, and those of each style."""

from __future__ import annotations

NAMES: tuple[str, ...] = (
    "Grand Piano", "Bright Piano", "Electric Grand", "Honky-Tonk", "E-Piano", "FM E-Piano", "Harpsichord", "Clavinet",
    "Celesta", "Glockenspiel", "Music Box", "Vibraphone", "Marimba", "Xylophone", "Tubular Bells", "Dulcimer",
    "Drawbar Organ", "Perc Organ", "Rock Organ", "Church Organ", "Reed Organ", "Accordion", "Harmonica", "Bandoneon",
    "Nylon Guitar", "Steel Guitar", "Jazz Guitar", "Clean Guitar", "Muted Guitar", "Overdrive Guitar",
    "Distorted Guitar", "Harmonics", "Acoustic Bass", "Finger Bass", "Pick Bass", "Fretless Bass", "Slap Bass 1",
    "Slap Bass 2", "Synth Bass 1", "Synth Bass 2", "Violin", "Viola", "Cello", "Contrabass", "Tremolo Strings",
    "Pizzicato", "Harp", "Timpani", "Strings", "Slow Strings", "Synth Strings 1", "Synth Strings 2", "Choir Aahs",
    "Voice Oohs", "Synth Voice", "Orchestra Hit", "Trumpet", "Trombone", "Tuba", "Muted Trumpet", "French Horn",
    "Brass Section", "Synth Brass 1", "Synth Brass 2", "Soprano Sax", "Alto Sax", "Tenor Sax", "Baritone Sax", "Oboe",
    "English Horn", "Bassoon", "Clarinet", "Piccolo", "Flute", "Recorder", "Pan Flute", "Bottle", "Shakuhachi",
    "Whistle", "Ocarina", "Square Lead", "Saw Lead", "Calliope", "Chiff Lead", "Charang", "Voice Lead", "Fifths Lead",
    "Bass Lead", "New Age Pad", "Warm Pad", "Polysynth", "Choir Pad", "Bowed Pad", "Metallic Pad", "Halo Pad",
    "Sweep Pad", "Rain", "Soundtrack", "Crystal", "Atmosphere", "Brightness", "Goblins", "Echoes", "Sci-Fi", "Sitar",
    "Banjo", "Shamisen", "Koto", "Kalimba", "Bagpipe", "Fiddle", "Shanai", "Tinkle Bell", "Agogo", "Steel Drums",
    "Woodblock", "Taiko", "Melodic Tom", "Synth Drum", "Reverse Cymbal", "Fret Noise", "Breath Noise", "Seashore",
    "Bird", "Telephone", "Helicopter", "Applause", "Gunshot",
)  # fmt: skip
"""Names of the programs counted from 0, none longer than 17 letters."""

SIX = (0, 1, 81, 5, 46, 24)
"""ReaLJam's six for melody and chords as General MIDI has them: two pianos, an AM and an FM synth, harp, guitar."""

CHOICES: dict[str, tuple[int, ...]] = {
    "chords": (*SIX, 4, 7, 16, 18, 19, 21, 25, 26, 27, 29, 11, 48, 50, 52, 61, 88, 89, 90, 99),
    "bass": (32, 33, 34, 35, 36, 38, 39, 43, 58, 0),
    "solo": (*SIX, 4, 11, 12, 21, 22, 25, 26, 27, 29, 30, 40, 56, 59, 61, 64, 65, 66, 71, 73, 75, 80, 104, 110),
    "player": (*SIX, 4, 7, 11, 16, 18, 25, 26, 27, 29, 30, 33, 40, 42, 48, 56, 61, 65, 66, 68, 71, 73, 80, 89),
}
"""What the foot menu turns through for each part; settings, controllers and OSC take all 128."""

KITS = (0, 8, 16, 24, 25, 32, 40)
"""Drum kits of the GS and GM2 standards: standard, room, power, electronic, 808, jazz, brushes."""

OF_STYLE = -1
"""The program that stands for the style's own sound."""

BAND = ("drums", "bass", "chords", "solo")
BY_STYLE: dict[str, tuple[int, int, int, int]] = {
    "rock": (8, 34, 18, 29),
    "latin": (0, 32, 0, 73),
    "jazz": (32, 32, 0, 26),
    "funk": (0, 33, 7, 65),
    "hiphop": (25, 38, 4, 11),
    "neworleans": (0, 58, 0, 56),
    "afrobeat": (0, 33, 16, 66),
    "pop": (0, 33, 0, 27),
    "soul": (0, 33, 4, 65),
    "dance": (24, 38, 90, 81),
    "afrocuban": (0, 32, 0, 56),
    "punk": (16, 34, 29, 30),
    "blues": (8, 33, 16, 27),
    "reggae": (0, 33, 27, 22),
    "country": (0, 33, 25, 110),
    "gospel": (0, 33, 16, 1),
    "middleeastern": (0, 33, 24, 71),
    "highlife": (0, 33, 25, 27),
}
"""Kit, bass, chords and solo that a listener expects of a style."""


def program_of(part: str, chosen: int, style: str) -> int:
    """The program a part plays with: what was chosen (0-127), else the style's own; the player has a piano then."""
    if chosen >= 0:
        return chosen
    return dict(zip(BAND, BY_STYLE.get(style, BY_STYLE["rock"]), strict=True)).get(part, 0)
