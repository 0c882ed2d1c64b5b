"""Plain tunes: read from hymns, made up, played at a drawn tempo."""

from itertools import pairwise

import pytest

from sideman.music.meter import Meter
from sideman_lab import tempo_tunes
from sideman_lab.data import hymn_tunes

HYMN = """X: 1
M: 4/4 % time
L: 1/4 % length
K: F % key
[V: S1V1] [Q:1/4=100] C | F2 G A | B A/G/ F- F | =B4 |
[V: S1V2] C | C4 | C4 | C4 |
[V: S1V1] c3 C | F4 |]
"""


def test_a_hymn_is_its_upper_voice_in_sixteenths():
    tune = hymn_tunes._laid(
        hymn_tunes._bars("C | F2 G A | B A/G/ F- F | =B4 | c3 C | F4 |]", 4, hymn_tunes._signature("F")), Meter()
    )
    assert tune[:4] == [[-4.0, 4.0, 60], [0.0, 8.0, 65], [8.0, 4.0, 67], [12.0, 4.0, 69]]
    assert tune[4] == [16.0, 4.0, 70]  # B flat by the signature
    assert [24.0, 8.0, 65] in tune  # tied
    assert [32.0, 16.0, 71] in tune  # natural
    assert hymn_tunes.tune("few", HYMN) is None or hymn_tunes.tune("few", HYMN)["melody"][0] == [-4.0, 4.0, 60]


@pytest.mark.parametrize("number", range(12))
def test_made_up_tunes_are_plain_and_always_the_same(number):
    tune = tempo_tunes.made_up(number)
    assert tune == tempo_tunes.made_up(number)
    assert all(on % 2 == 0 for on, _ in tune.notes)
    assert all(a < b for (a, _), (b, _) in pairwise(tune.notes))


def test_phrases_have_the_tempo_and_bars_they_say():
    some = [tempo_tunes.made_up(i) for i in range(20)]
    phrases = tempo_tunes.played(some, 60, seed=3)
    assert phrases == tempo_tunes.played(some, 60, seed=3)
    assert {p.bars for p in phrases} == set(tempo_tunes.LENGTHS)
    for p in phrases:
        assert tempo_tunes.SLOWEST * 0.97 < p.bpm < tempo_tunes.FASTEST * 1.03
        length = p.bars * p.meter.bar_ticks / 960 * 60e9 / p.bpm
        assert abs(p.close_ns - p.downbeat_ns - length) < 0.15e9
    assert any(p.onsets[0][0] < p.downbeat_ns - 0.1e9 for p in phrases)


def test_halves_share_no_tune():
    names = [f"made-up-{i}" for i in range(200)]
    report = {n for n in names if tempo_tunes.half(n) == "report"}
    assert 60 < len(report) < 140
