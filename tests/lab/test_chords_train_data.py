"""What the chord nets are trained on: corrected chords on aligned bars, generated songs, crops for the teacher."""

import numpy as np
import pytest

from sideman.music.chords import NO_CHORD, parse_chord, triad_index
from sideman.music.meter import FRAME_TICKS, Meter
from sideman.music.notes import Note
from sideman_lab.chords.augment import CROP, EIGHTHS, _beginning, make_pair, phrases_of, songs_of
from sideman_lab.chords.forms import form, phrase
from sideman_lab.chords.generated import pieces
from sideman_lab.chords.measure import nic
from sideman_lab.chords.piece import frame_piece
from sideman_lab.chords.songbook import MAJOR_CELLS, MINOR_CELLS, bars_of, songbook
from sideman_lab.chords.sources import SOURCES, gather
from sideman_lab.data.pop909_cl import SIXTEENTH, STRETCH, blocks_of, moved
from sideman_lab.synthetic import lead_sheets


def _song():
    return {**lead_sheets(1, seed=4, bars=32)[0], "id": "pop909-999"}


def _piano(melody, shift):
    return [Note(round((o + shift) * SIXTEENTH), round(d * SIXTEENTH), p, 80) for o, d, p in melody]


def test_corrected_chords_come_onto_the_songs_own_bars():
    song = _song()
    wanted = [(float(o) + 13.5, float(o + d) + 13.5, "F#:dim") for o, d, _ in song["chords"]]
    made = moved(song, _piano(song["melody"], 13.5), wanted)
    assert made is not None
    assert made["aligned"] == 1
    assert {label for _, _, label in made["chords"]} == {"F#:dim"}
    assert made["chords"][0][0] == song["chords"][0][0]
    assert made["melody"] == song["melody"]


def test_a_bar_put_in_by_hand_moves_only_what_follows():
    song = _song()
    cut = 4 * STRETCH
    piano = [
        n if n.tick < cut * SIXTEENTH else Note(n.tick + 16 * SIXTEENTH, n.duration, n.pitch, n.velocity)
        for n in _piano(song["melody"], 0)
    ]
    chords = [(float(o if o < cut else o + 16), float(o + d if o < cut else o + d + 16), lab)
              for o, d, lab in song["chords"]]  # fmt: skip
    made = moved(song, piano, chords)
    assert made is not None
    late = [c for c in made["chords"] if c[0] >= cut + STRETCH]
    assert late == [c for c in song["chords"] if c[0] >= cut + STRETCH]


def test_a_file_of_another_song_is_not_taken():
    song = _song()
    other = [[o * 1.37, d, p + 30] for o, d, p in song["melody"]]
    assert moved(song, _piano(other, 0), [(0.0, 64.0, "C:maj")]) is None


def test_block_chords_are_named_and_end_where_the_next_begins():
    blocks = [Note(0, 3840, p, 80) for p in (48, 52, 55)] + [Note(1920, 1920, p, 80) for p in (45, 48, 52)]
    assert blocks_of(blocks) == [(0.0, 8.0, "C:maj"), (8.0, 16.0, "A:min")]


def test_generated_songs_are_the_same_for_a_seed_and_differ_between_seeds():
    assert list(pieces(5)) == list(pieces(5))
    assert next(iter(pieces(1, seed=1)))["melody"] != next(iter(pieces(1, seed=2)))["melody"]


def test_generated_songs_fill_their_bars_and_their_tunes_fit_their_chords():
    fits, meters, starts = [], set(), set()
    for song in pieces(60):
        meter = Meter(*song["meter"])
        meters.add(tuple(song["meter"]))
        start = song["chords"][0][0]
        starts.add(start // meter.bar_frames)
        end = start + sum(duration for _, duration, _ in song["chords"])
        assert end % meter.bar_frames == start % meter.bar_frames == 0
        assert (song["melody"][0][0] < start) == (start > 0)  # a bar before the first is that of a pickup
        cuts = {tick // FRAME_TICKS for tick in meter.groups} | {8 if meter.bar_frames == 12 else meter.bar_frames // 2}
        for onset, _, label in song["chords"]:
            assert triad_index(parse_chord(label)) < NO_CHORD
            assert onset % meter.bar_frames in cuts
        assert all(0 <= onset < end and duration > 0 for onset, duration, _ in song["melody"])
        framed = frame_piece(song, 256)
        fits.append(nic(framed, framed.human))
    assert meters == {(4, 4), (3, 4), (6, 8), (2, 4)}
    assert starts == {0, 1}
    assert 0.7 < np.mean(fits) < 0.95


def test_phrases_end_as_asked():
    rng = np.random.default_rng(0)
    for minor in (False, True):
        tonic = (0, "min" if minor else "maj")
        for _ in range(30):
            assert phrase(rng, 8, minor=minor, closed=True, rich=1.0)[-1][0] == tonic
            assert (7, "maj") in phrase(rng, 4, minor=minor, closed=False, rich=1.0)[-1]


def test_songbook_cells_are_of_four_bars_and_bridges_of_eight():
    for cells in (MAJOR_CELLS, MINOR_CELLS):
        for kind, lines in cells.items():
            assert len(set(lines)) == len(lines)
            for line in lines:
                bars = bars_of(line)
                assert len(bars) == (8 if kind == "bridge" else 4)
                assert all(len(bar) in (1, 2) for bar in bars)


@pytest.mark.parametrize("minor", [False, True])
def test_songbook_songs_have_their_form_and_come_home(minor):
    rng = np.random.default_rng(4)
    lengths, home = set(), 0
    for _ in range(200):
        bars, sections = songbook(rng, minor=minor)
        lengths.add(len(bars))
        assert sum(length for length, _ in sections) == len(bars)
        home += (0, "min" if minor else "maj") in (bars[-1] + bars[-2])
    assert lengths == {16, 32}
    assert home == 200


def test_every_forms_sections_add_up():
    rng = np.random.default_rng(1)
    for _ in range(100):
        drawn = form(rng)
        assert sum(length for length, _ in drawn.sections) == len(drawn.bars)


def test_the_teacher_is_asked_about_the_frames_that_the_student_speaks_of():
    pytest.importorskip("torch")
    from sideman_lab.chords.teacher import STUDENT_ROWS

    songs = songs_of(pieces(12))
    rng = np.random.default_rng(3)
    for number in range(36):
        crop, wide = make_pair(songs[number % len(songs)], rng)
        assert len(wide.chords) == EIGHTHS
        said, asked = wide.chords[STUDENT_ROWS], crop.chords[1::2]
        assert (said == asked)[asked >= 0].all()
        assert wide.inside[STUDENT_ROWS][asked >= 0].all()
    assert STUDENT_ROWS.shape == (CROP // 2, 9)
    assert STUDENT_ROWS.min() >= 0
    assert STUDENT_ROWS.max() < EIGHTHS


def test_one_option_leaves_the_songs_in_copyright_out(tmp_path, monkeypatch):
    read = []
    monkeypatch.setenv("SIDEMAN_CHECKPOINTS", str(tmp_path))
    for name, source in list(SOURCES.items()):

        def fake(_, name=name):
            read.append(name)
            return iter(pieces(2))

        monkeypatch.setitem(SOURCES, name, type(source)(fake, source.rights, source.share))
    assert set(gather(tmp_path, "A")) == {"openscore-lieder", "generated"}
    assert set(read) == {"openscore-lieder", "generated"}
    assert set(gather(tmp_path, "A+B", ["generated", "pieced"])) == {
        "pop909-structure",
        "pop909-cl",
        "openscore-lieder",
    }


def test_the_loop_goes_on_as_if_it_had_not_stopped(tmp_path):
    torch = pytest.importorskip("torch")
    from sideman_lab.chords.loop import Plan, run_loop

    def trained(folder, stops, minutes=30.0, about=None):
        for stop in stops:
            torch.manual_seed(0)
            net = torch.nn.Linear(3, 1)

            def loss(rng, net=net):
                x = torch.from_numpy(rng.normal(size=(8, 3)).astype(np.float32))
                value = (net(x) - x.sum(-1, keepdim=True)).square().mean()
                return value, {"loss": value.item()}

            file = run_loop(net, Plan(12, 0.1, stop_at=stop, minutes=minutes), folder / "x.pt", loss, about=about)
        return torch.load(file, weights_only=True)["live"]

    whole, parts = trained(tmp_path / "a", [None]), trained(tmp_path / "b", [5, None])
    for name, value in whole.items():
        assert torch.allclose(value, parts[name], atol=1e-6)
    over = trained(tmp_path / "b", [None], minutes=1e-9)
    assert all(torch.equal(value, over[name]) for name, value in parts.items())
    with pytest.raises(ValueError, match="other sets"):
        trained(tmp_path / "b", [None], about={"sources": ["openscore-lieder"], "rights": "A"})
    begun = trained(tmp_path / "c", [5])
    ended = trained(tmp_path / "c", [None], minutes=1e-9)
    assert all(torch.equal(value, ended[name]) for name, value in begun.items())


def test_the_challenger_plays_what_it_would_have_said_of_the_whole():
    torch = pytest.importorskip("torch")
    from sideman_lab.chords.challenger import START, Challenger, play, shifted
    from sideman_lab.chords.features import encode, table_of

    torch.manual_seed(1)
    net = Challenger().eval()
    framed = frame_piece(lead_sheets(1)[0], 64)
    played = play(net, [framed])[0]
    x = torch.from_numpy(encode(framed.pitch, framed.struck, table_of(4, 4)))[None]
    following = torch.from_numpy(np.append(played[1:], NO_CHORD))[None]
    with torch.no_grad():
        logits, _ = net(x, shifted(following))
    assert shifted(following)[0, 0] == START
    assert (logits.argmax(-1)[0, :-1].numpy() == played[1:]).all()
    drawn = play(net, [framed], seed=3)[0]
    assert (drawn == play(net, [framed], seed=3)[0]).all()


def test_phrases_begin_after_a_rest_or_a_held_note():
    notes = np.array(
        [[0, 4, 60], [4, 2, 62], [10, 2, 64], [12, 2, 65], [14, 8, 67], [22, 2, 65], [24, 6, 64], [30, 1, 62]]
    )
    assert phrases_of(notes).tolist() == [10, 22]


def test_crops_begin_with_the_song_with_a_phrase_or_in_the_middle_of_things():
    """Where a crop begins with a phrase the band has heard nothing before it."""
    song = songs_of([{**lead_sheets(1, seed=4, bars=64)[0], "id": "pop909-999"}])[0]
    held = song.notes[np.arange(len(song.notes)) % 7 != 3]
    song = type(song)(held, song.chords, song.meter)
    bars = {int(at) // song.bar * song.bar for at in phrases_of(held)}
    rng = np.random.default_rng(5)
    drawn = [_beginning(song, rng) for _ in range(400)]
    assert 0.4 < np.mean([first == 0 for first, _ in drawn]) < 0.7
    cold = [first for first, history in drawn if first and not history]
    assert len(cold) > 50
    assert set(cold) <= bars
    assert all(first % song.bar == 0 and 0 <= history <= first for first, history in drawn)
    assert sum(history > 0 for _, history in drawn) > 50
