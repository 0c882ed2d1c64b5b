"""What the display shows, against golden pictures and against what must never happen."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from sideman.edges.oled_face import draw, moves
from sideman.edges.oled_letters import letter_rows
from sideman.edges.oled_words import chord_name, key_name, tempo_text
from sideman.jam.cues import Status, StripChord
from sideman.jam.states import State
from sideman.service.pictures.examples import ALL, NOW_NS, QUARTER_NS, STATES

GOLDEN = Path(__file__).parent / "golden"
AGAIN = "regenerate with: python -m sideman.service.pictures.docs --golden tests/edges/golden"


@pytest.mark.parametrize("name", ALL)
def test_face_is_golden(name):
    golden = Image.open(GOLDEN / f"{name}.png").convert("1")
    assert ImageChops.logical_xor(draw(ALL[name], NOW_NS), golden).getbbox() is None, f"{name}: {AGAIN}"


def test_golden_folder_holds_nothing_else():
    assert {path.stem for path in GOLDEN.glob("*.png")} == set(ALL), AGAIN


def test_every_state_of_the_table_has_a_picture():
    assert {status.state for status in STATES.values()} == {state.value for state in State}


def test_no_two_states_look_alike():
    frames = [draw(status, NOW_NS).tobytes() for status in ALL.values()]
    assert len(set(frames)) == len(frames)


def _same(a, b, box=None):
    return ImageChops.logical_xor(a.crop(box) if box else a, b.crop(box) if box else b).getbbox() is None


def test_strip_moves_left_with_the_beat():
    status = STATES["playing"]
    later = draw(status, NOW_NS + QUARTER_NS)
    shifted = replace(status, strip=tuple(replace(c, start=c.start - 1) for c in status.strip), beat=3)
    assert _same(later, draw(shifted, NOW_NS), (0, 40, 128, 54))
    assert not _same(later, draw(status, NOW_NS), (0, 40, 128, 54))


def test_committed_is_solid_and_tentative_is_not():
    def lit(committed):
        status = replace(STATES["playing"], strip=(StripChord(0, 4, "C", committed, 1.0),))
        return draw(status, NOW_NS).crop((0, 40, 128, 54)).histogram()[255]

    assert lit(committed=True) > 3 * lit(committed=False)


def test_chords_to_come_can_be_hidden():
    status = STATES["playing"]
    assert _same(draw(status, NOW_NS, show_chords=False), draw(replace(status, strip=()), NOW_NS))


def test_notice_goes_after_two_seconds():
    status = replace(STATES["idle"], notice="START FIRST")
    assert not _same(draw(status, NOW_NS + 1_999_000_000), draw(STATES["idle"], NOW_NS))
    assert _same(draw(status, NOW_NS + 2_000_000_000), draw(STATES["idle"], NOW_NS))


def test_faults_and_detail_take_turns():
    status = replace(STATES["committed"], faults=("disk full",))
    assert moves(status, NOW_NS)
    assert not _same(draw(status, 0), draw(status, 2_000_000_000), (0, 43, 100, 54))


def test_still_pictures_need_no_frames():
    assert not moves(STATES["idle"], NOW_NS)
    assert moves(STATES["playing"], NOW_NS)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("F#m7/A", "F♯m7/A"),
        ("Bo7", "B°7"),
        ("CM7", "CΔ"),
        ("CM9", "CΔ9"),
        ("Bb:min7/Ab", "B♭m7/A♭"),
        ("Bh7", "Bø7"),
        ("G", "G"),
        ("A:min", "Am"),
        ("N", "-"),
        ("", ""),
        ("Csus", "Csus"),
        ("riff", "riff"),
    ],
)
def test_chord_names(name, shown):
    assert chord_name(name) == shown


def test_keys_and_tempi():
    assert [key_name(k) for k in ("A min", "Bb maj", "F#m", "", "blues")] == ["Am", "B♭", "F♯m", "", "blues"]
    assert [tempo_text(b, m) for b, m in ((96.4, "4/4"), (None, "4/4"), (60.0, "6/8"))] == ["♩=96", "♩?", "♩.=60"]


words = st.text(max_size=40)


STATUSES = st.builds(
    Status,
    ns=st.just(NOW_NS),
    state=st.sampled_from([state.value for state in State]),
    ear=st.just("off"),
    mode=words,
    band=st.sampled_from(["none", "count_in", "playing"]),
    shown=words,
    detail=words,
    notice=words,
    key=words,
    meter=words,
    bottom=st.tuples(words, words, words),
    bar=st.integers(-2, 400),
    beat=st.integers(0, 40),
    beats_per_bar=st.integers(0, 32),
    beat_phase=st.floats(0, 2),
    countdown=st.floats(0, 16),
    bpm=st.none() | st.floats(30, 300),
    confidence=st.floats(0, 1),
    quarter_ns=st.just(QUARTER_NS),
    strip=st.lists(st.builds(StripChord, st.floats(-9, 9), st.floats(0, 9), words, st.booleans(), st.floats(0, 1))).map(
        tuple
    ),
    menu=st.none() | st.tuples(words, words),
    hold=st.none() | st.tuples(words, st.floats(0, 2)),
    faults=st.lists(words, max_size=3).map(tuple),
    turn=st.sampled_from(["", "YOU", "ME"]),
    bars_left=st.integers(-1, 300),
    page=st.sampled_from(["", "status"]),
    level=st.integers(0, 127),
)


@settings(max_examples=60, deadline=None)
@given(STATUSES, st.integers(-(10**9), 10**12))
def test_whatever_comes_is_drawn(status, late):
    image = draw(status, NOW_NS + late)
    assert image.size == (128, 64)
    assert image.mode == "1"


def test_strip_counts_the_beats_of_the_meter():
    status = replace(STATES["playing"], meter="6/8", beats_per_bar=2, strip=(StripChord(0, 2, "C", True, 1.0),))
    later = draw(status, NOW_NS + 3 * QUARTER_NS // 2)
    assert _same(later, draw(replace(status, strip=(StripChord(-1, 2, "C", True, 1.0),)), NOW_NS), (0, 40, 128, 54))


def test_strip_shows_four_groups_of_an_uneven_meter():
    seven = replace(STATES["playing"], meter="7/8 2+2+3", beats_per_bar=3, beat_phase=0.0)
    full = replace(seven, strip=(StripChord(0, 5, "C", True, 1.0),))  # 3+2+2+3 eighths
    short = replace(seven, strip=(StripChord(0, 4, "C", True, 1.0),))
    assert draw(full, NOW_NS).crop((0, 40, 128, 54)).getbbox()[2] >= 127
    assert draw(short, NOW_NS).crop((0, 40, 128, 54)).getbbox()[2] == pytest.approx(0.8 * 128, abs=2)


@pytest.mark.parametrize("height", [10, 11, 14])
def test_a_large_sharp_is_open_in_the_middle(height):
    rows = letter_rows("♯", 6, height, 2)
    middle = len(rows[0]) // 2
    assert [row[middle] for row in rows].count(False) >= 4
    assert sum(map(sum, rows)) < 0.75 * len(rows) * len(rows[0])
