import numpy as np
import pytest

from sideman.models.chord_features import FeatureStream
from sideman.music.harmony import MelodyFrame
from sideman.music.meter import Meter
from sideman_lab.chords.augment import CROP, make_crop, song_of
from sideman_lab.chords.features import encode, table_of
from sideman_lab.data.pop909 import SUSPECT, song_from_text
from sideman_lab.synthetic import lead_sheets


@pytest.mark.parametrize("meter", [(4, 4), (6, 8), (7, 8), (2, 4)])
def test_batch_and_stream_features_are_the_same(meter):
    rng = np.random.default_rng(0)
    frames = 300
    pitch = np.repeat(rng.choice([0, 60, 62, 64, 67], frames // 3), 3)
    struck = np.zeros(frames, bool)
    struck[::3] = pitch[::3] > 0
    pitch[150:], struck[150:] = pitch[:150], struck[:150]
    batch = encode(pitch, struck, table_of(*meter), -3)
    stream = FeatureStream(Meter(*meter), -3)
    for row, p, s in zip(batch, pitch.tolist(), struck.tolist(), strict=True):
        live = stream.step(MelodyFrame((p,) if p else (), (p,) if p and s else (), ()))
        np.testing.assert_allclose(live, row, atol=1e-4)


def test_crops_keep_melody_and_chords_in_step():
    song = song_of(lead_sheets(1)[0])
    rng = np.random.default_rng(2)
    for _ in range(20):
        crop = make_crop(song, rng)
        assert crop.features.shape[0] == CROP
        assert np.isfinite(crop.features).all()
        known = crop.chords[:, 2]
        # The head for now at frame t and the head for 4 frames ahead at t - 4 speak of the same frame.
        assert (crop.chords[4:, 2] == crop.chords[:-4, 3])[known[4:] >= 0].all()


def test_a_song_is_read_from_its_texts():
    piece = song_from_text(
        "pop909-999",
        "0 4\n60 4\n62 8\n",
        "C:maj [0, 4, 7] 0 2\nC:maj [0, 4, 7] 0 1\nG:sus4(b7, 9) [0] 0 1\nN [] 0 4",
        "A2",
    )
    assert piece["melody"] == [[4, 4, 60], [8, 8, 62]]
    assert piece["chords"][0] == [0, 12, "C:maj"]
    assert piece["chords"][1:] == [[12, 4, "G:sus4(b7,9)"]]
    assert piece["meter"] == [4, 4]


def test_a_song_of_three_quarters_a_bar():
    assert song_from_text("x", "60 12\n", "C:maj [0, 4, 7] 0 12", "A4")["meter"] == [3, 4]


def test_twelve_songs_are_never_read():
    assert len(SUSPECT) == 12


def test_smoke_training_saves_and_resumes(capsys):
    pytest.importorskip("torch")
    import argparse

    from sideman_lab.chords import train

    parser = argparse.ArgumentParser()
    train.add_arguments(parser)
    assert train.run(parser.parse_args(["--smoke"])) == 0
    assert "resumed" in capsys.readouterr().out


def test_a_melody_in_another_key_gives_the_same_chords_in_that_key():
    torch = pytest.importorskip("torch")
    from sideman.models.chord_features import N_FEATURES
    from sideman_lab.chords.net import PITCHED_INPUTS, ChordNet

    torch.manual_seed(0)
    net = ChordNet().eval()
    x = torch.randn(1, 12, N_FEATURES)
    moved = x.clone()
    for block in range(0, PITCHED_INPUTS, 12):
        moved[..., block : block + 12] = torch.roll(x[..., block : block + 12], 5, -1)
    with torch.no_grad():
        chord, change, tones = net.heads(net.trunk(x))
        other, same, moved_tones = net.heads(net.trunk(moved))
    triads, others = (c[..., :36].unflatten(-1, (3, 12)) for c in (chord, other))
    assert torch.allclose(torch.roll(triads, 5, -1), others, atol=1e-5)
    assert torch.allclose(torch.roll(tones, 5, -1), moved_tones, atol=1e-5)
    assert torch.allclose(change, same, atol=1e-5)
