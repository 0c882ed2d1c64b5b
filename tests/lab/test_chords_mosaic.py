"""Songs pieced together: real bars under generated progressions."""

import numpy as np
import pytest

from sideman.music.chords import Chord, parse_chord
from sideman.music.meter import Meter
from sideman_lab.chords.augment import song_of
from sideman_lab.chords.generated import pieces as generated
from sideman_lab.chords.measure import nic
from sideman_lab.chords.mosaic import Bank, bank_of, bars_of, pieces
from sideman_lab.chords.piece import frame_piece
from sideman_lab.splits import side

SCALE = frozenset((0, 2, 4, 5, 7, 9, 11))


@pytest.fixture(scope="module")
def bank():
    return bank_of([generated(60)])


def _sheet(chords, melody, name="x-0"):
    return {"id": name, "meter": [4, 4], "melody": melody, "chords": chords}


def test_a_bar_is_kept_from_its_root_and_only_whole_under_one_triad():
    line = [[16 * bar + 4 * beat, 4, 64 + beat] for bar in range(9) for beat in range(4)]
    chords = [[0, 16, "D:min"], [16, 8, "C:maj"], [24, 8, "G:maj"], [32, 112, "N"]]
    found = list(bars_of(song_of(_sheet(chords, line))))
    assert [quality for quality, _ in found] == [1]
    assert found[0][1].notes.tolist() == [[0, 4, 62], [4, 4, 63], [8, 4, 64], [12, 4, 65]]


def test_half_silent_bars_are_left_out():
    line = [[16 * bar + beat, 1, 60] for bar in range(16) for beat in (0, 4)]
    assert not list(bars_of(song_of(_sheet([[0, 256, "C:maj"]], line))))


def test_a_bar_is_laid_where_it_suits_the_key(bank):
    rng = np.random.default_rng(2)
    chord = Chord(7, "maj")
    outside = 0
    for _ in range(100):
        bar, root = bank.draw(rng, (4, 4), chord, SCALE, 67.0, 67.0, 0.2)
        assert root % 12 == 7
        assert abs(root + bar.notes[:, 2].mean() - 67) <= 7
        outside += any((root + pitch) % 12 not in SCALE for pitch in bar.notes[:, 2])
    assert outside < 25


def test_songs_fill_their_bars_come_back_and_fit_their_chords(bank):
    fits, meters, again = [], set(), []
    assert list(pieces(bank, 3)) == list(pieces(bank, 3))
    for song in pieces(bank, 60):
        size = Meter(*song["meter"]).bar_frames
        meters.add(tuple(song["meter"]))
        start = song["chords"][0][0]
        end = start + sum(duration for _, duration, _ in song["chords"])
        assert start in {0, size}
        assert end % size == start % size == 0
        assert all(parse_chord(label) for _, _, label in song["chords"])
        assert all(0 <= onset < end and duration > 0 for onset, duration, _ in song["melody"])
        framed = frame_piece(song, 1024)
        fits.append(nic(framed, framed.human))
        lag = 32 * size if len(framed) > 40 * size else 16 * size
        if len(framed) > lag + 8 * size:
            again.append((framed.pitch[lag:] == framed.pitch[:-lag]).mean())
    assert meters == {(4, 4), (3, 4), (6, 8), (2, 4)}
    assert 0.65 < np.mean(fits) < 0.85
    assert np.mean(again) > 0.4


def test_songs_of_the_validation_side_lend_no_bars():
    songs = list(generated(30))
    kept = [song for song in songs if side(str(song["id"])) == "train"]
    assert 0 < len(kept) < len(songs)
    whole = Bank(song for song in map(song_of, kept) if song is not None)
    ours = bank_of([songs])
    assert {key: len(bars) for key, bars in ours.bars.items()} == {key: len(bars) for key, bars in whole.bars.items()}
