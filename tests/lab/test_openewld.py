"""Lead sheets from tiny compressed scores, written by hand."""

import io
import zipfile
from fractions import Fraction

import pytest

from sideman.music.chords import parse_chord
from sideman_lab.data.lieder import stretches
from sideman_lab.data.musicxml import Bar, open_score, unfold
from sideman_lab.data.openewld import sheet


def packed(body):
    score = f'<?xml version="1.0"?><score-partwise><part id="P1">{body}</part></score-partwise>'
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("META-INF/container.xml", "<container><rootfile full-path='it's broken'/></container>")
        archive.writestr("song.xml", score)
    return buffer.getvalue()


def attributes(beats=4, unit=4, divisions=2):
    time = f"<time><beats>{beats}</beats><beat-type>{unit}</beat-type></time>"
    return f"<attributes><divisions>{divisions}</divisions>{time}</attributes>"


def note(step, duration, *, octave=4, alter=0, extra=""):
    pitch = f"<pitch><step>{step}</step><alter>{alter}</alter><octave>{octave}</octave></pitch>"
    return f"<note>{pitch}<duration>{duration}</duration>{extra}</note>"


def rest(duration):
    return f"<note><rest/><duration>{duration}</duration></note>"


def harmony(step, kind, *, alter=0, more=""):
    root = f"<root><root-step>{step}</root-step><root-alter>{alter}</root-alter></root>"
    return f"<harmony>{root}<kind>{kind}</kind>{more}</harmony>"


def bar(content, **marks):
    words = "".join(f' {key}="{value}"' for key, value in marks.items())
    return f"<measure{words}>{content}</measure>"


def barline(inside):
    return f"<barline>{inside}</barline>"


def test_notes_ties_and_chords_land_in_sixteenths():
    first = (
        attributes()
        + harmony("B", "minor-seventh", alter=-1)
        + note("C", 2)
        + note("D", 4, alter=1)
        + harmony("F", "dominant", more="<bass><bass-step>A</bass-step></bass>")
        + note("G", 2, extra='<tie type="start"/>')
    )
    found = sheet("x", packed(bar(first) + bar(note("G", 4, extra='<tie type="stop"/>') + rest(4))))
    assert found["meter"] == [4, 4]
    assert found["melody"] == [[0, 4, 60], [4, 8, 63], [12, 12, 67]]
    assert found["chords"] == [[0, 12, "Bb:min7"], [12, 20, "F:7/A"]]
    assert all(parse_chord(label) is not None for _, _, label in found["chords"])
    assert "pickup" not in found


def test_a_pickup_comes_before_the_first_bar_line():
    found = sheet("x", packed(bar(attributes() + note("G", 2), implicit="yes") + bar(note("C", 8))))
    assert found["pickup"] == 4
    assert found["melody"] == [[-4, 4, 67], [0, 16, 60]]


def test_two_short_bars_make_one_and_a_lone_one_is_filled():
    lengths = ((0, 8), (1, 6), (2, 2), (3, 4), (4, 8))
    body = "".join(bar((attributes() if k == 0 else "") + note("CDEFG"[k], n)) for k, n in lengths)
    assert [row[0] for row in sheet("x", packed(body))["melody"]] == [0, 16, 28, 32, 48]


def test_repeats_and_endings_are_unfolded():
    forward, backward = '<repeat direction="forward"/>', '<repeat direction="backward"/>'
    body = bar(attributes() + barline(forward) + note("C", 8))
    for number, step, last in ((1, "D", backward), (2, "E", "")):
        start, stop = (f'<ending number="{number}" type="{kind}"/>' for kind in ("start", "stop"))
        body += bar(barline(start) + note(step, 8) + barline(stop + last))
    assert [row[2] for row in sheet("x", packed(body + bar(note("F", 8))))["melody"]] == [60, 62, 60, 64, 65]


def test_unfold_plays_a_plain_repeat_twice_and_always_ends():
    bars = [Bar((4, 4), length=Fraction(4)) for _ in range(4)]
    bars[1].times = 2
    assert unfold(bars) == [0, 1, 0, 1, 2, 3]
    bars[2].forward, bars[3].times = True, 3
    assert unfold(bars) == [0, 1, 0, 1, 2, 3, 2, 3, 2, 3]


def test_the_chord_at_the_head_of_a_repeat_is_the_written_one():
    back = barline('<repeat direction="backward"/>')
    body = bar(attributes() + harmony("C", "major") + note("C", 8))
    body += bar(note("D", 4) + harmony("G", "major") + note("D", 4) + back)
    chords = sheet("x", packed(body))["chords"]
    assert [(row[0], row[2]) for row in chords] == [(0, "C:maj"), (24, "G:maj"), (32, "C:maj"), (56, "G:maj")]


def test_grace_notes_are_dropped_and_the_top_of_a_chord_is_kept():
    grace = "<note><grace/><pitch><step>B</step><octave>5</octave></pitch></note>"
    high = note("E", 8).replace("<note>", "<note><chord/>")
    assert sheet("x", packed(bar(attributes() + grace + note("C", 8) + high)))["melody"] == [[0, 16, 64]]


def test_a_song_is_cut_where_its_meter_changes():
    body = (bar(attributes() + note("C", 2) * 4) + bar(note("C", 2) * 4)) + bar(attributes(3, 4) + note("D", 2) * 3) * 3
    found = list(stretches("lieder-1", packed(body)))
    assert [(piece["id"], piece["meter"]) for piece in found] == [("lieder-1", [4, 4]), ("lieder-1.1", [3, 4])]


def test_an_archive_without_a_score_says_so():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("META-INF/container.xml", "<container/>")
    with pytest.raises(ValueError, match="no score"):
        open_score(buffer.getvalue())
