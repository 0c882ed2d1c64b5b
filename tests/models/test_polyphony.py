"""What the chord net hears where several notes sound: all of them, by velocity and age (not the first alone, RJ24)."""

import numpy as np
import pytest

from sideman.models.chord_features import hear
from sideman.music.harmony import MelodyFrame, melody_frames
from sideman.music.notes import Note


def heard(*frames):
    ages = {}
    return [hear(frame, ages)[:2] for frame in frames][-1]


def test_one_note_is_all_there_is():
    sound, onset = heard(MelodyFrame((64,), (64,), (90,)))
    assert sound[4] == onset[4] == pytest.approx(1)


def test_the_louder_note_counts_more():
    sound, _ = heard(MelodyFrame((60, 64), (60, 64), (40, 80)))
    assert sound[4] == pytest.approx(2 * sound[0])
    assert sound.sum() == pytest.approx(1)


def test_the_older_note_counts_less_and_less():
    bass = MelodyFrame((36,), (36,), (80,))
    for frames, share in ((1, 0.478), (8, 1 / 3), (16, 0.2)):
        sound, _ = heard(bass, *[MelodyFrame((36,), (), (80,))] * (frames - 1), MelodyFrame((36, 64), (64,), (80, 80)))
        assert sound[0] == pytest.approx(share, abs=0.01)


def test_a_note_struck_again_is_young():
    held = [MelodyFrame((36,), (36,), (80,)), *[MelodyFrame((36,), (), (80,))] * 15]
    sound, _ = heard(*held, MelodyFrame((36, 64), (36, 64), (80, 80)))
    assert sound[0] == pytest.approx(0.5)


def test_a_held_bass_note_does_not_mask_the_melody():
    notes = [Note(0, 3840, 36, 80), *(Note(i * 240, 220, 60 + i, 80) for i in range(16))]
    ages = {}
    for at, frame in enumerate(melody_frames(notes, 16)):
        sound, _, register = hear(frame, ages)
        assert register == 60 + at
        assert int(np.argmax(np.where(np.arange(12) == 0, 0, sound))) == (60 + at) % 12 or at % 12 == 0


def test_onsets_of_a_frame_share_it():
    _, onset = heard(MelodyFrame((60, 64, 67), (64, 67), (80, 80, 80)))
    assert onset[4] == onset[7] == pytest.approx(0.5)
    assert onset[0] == 0
