"""The ensemble: playable plans with and without models, the same again for the same asks, never brought down."""

import json
from dataclasses import replace

import pytest
from asks import ANY, check, scale_line
from hypothesis import given, settings

from sideman.band import networks
from sideman.band.ensemble import Ensemble
from sideman.band.messages import Ask, Phrase
from sideman.models.library import models_folder
from sideman.music.chords import parse_chord
from sideman.music.harmony import ChordSpan
from sideman.music.meter import Meter, parse_meter
from sideman.music.notes import Note

FOUR = Meter()
PHRASE = Phrase(scale_line(FOUR, 4), 4, FOUR, 100.0)
TRADE = Ask(
    id=1,
    seed=5,
    epoch=1,
    mode="trade",
    meter=FOUR,
    bpm=100.0,
    frame=-1,
    start=0,
    end=32,
    form_frames=64,
    phrase=PHRASE,
    solo=True,
)
KINDS = {"rules": "nowhere", "models": None}


@pytest.fixture(scope="module", params=KINDS)
def band(request, tmp_path_factory):
    """The band without any model, and with the package's own where they are installed."""
    if request.param == "rules":
        return Ensemble(tmp_path_factory.mktemp("empty"))
    return Ensemble()


def music(plan):
    return replace(plan, model_ms=())


def follow_asks(until=64):
    """A player who plays C, A minor, F, G in broken chords, asked on every beat."""
    tones = {0: (60, 64, 67), 1: (57, 60, 64), 2: (53, 57, 60), 3: (55, 59, 62)}
    notes = [Note(q * 960, 900, tones[q // 4 % 4][q % 3], 90) for q in range(until // 4)]
    committed = ()
    for number, now in enumerate(range(16, until, 4)):
        fresh = tuple(n for n in notes if (now - 4 if number else 0) * 240 <= n.tick < now * 240)
        ask = Ask(
            id=number, seed=1, epoch=3, mode="follow", meter=FOUR, bpm=100.0, frame=now, start=now + 9, end=now + 25,
            heard=fresh, heard_until=now, chords=committed,
        )  # fmt: skip
        committed = yield ask


def run_follow(band, until=64):
    plans, asks = [], follow_asks(until)
    ask = next(asks)
    while True:
        plan = band.answer(ask)
        check(ask, plan)
        plans.append(music(plan))
        stand = ask.end - 8
        known = [
            ChordSpan(s.onset, min(s.frames, stand - s.onset), s.chord, 1.0) for s in plan.chords if s.onset < stand
        ]
        try:
            ask = asks.send((*(c for c in ask.chords if c.onset + c.frames <= plan.start), *known))
        except StopIteration:
            return plans


@settings(max_examples=60, deadline=None)
@given(case=ANY)
def test_any_ask_gives_a_playable_plan(band, case):
    ask, phrase, _ = case
    band.forget()
    ask = replace(ask, phrase=phrase)
    first = band.answer(ask)
    check(ask, first)
    band.forget()
    assert music(band.answer(ask)) == music(first)


def test_the_next_loop_is_made_after_an_answer_and_changes_none(monkeypatch):
    band = Ensemble()
    if dict(band.models)["drums"] != "ok":
        pytest.skip("no drum network here")
    made = []

    class Counted(networks.DrumNet):
        def groove(self, request):
            made.append(request)
            return super().groove(request)

    class Prepared:
        def answer(self, ask):
            plan, within = band.answer(ask), len(made)
            band.prepare()
            del made[within:]
            return plan

    monkeypatch.setattr(networks, "DrumNet", Counted)
    expected, alone = run_follow(Ensemble(), 160), len(made)
    made.clear()
    assert run_follow(Prepared(), 160) == expected
    assert 0 < len(made) < alone / 2


def test_the_same_asks_give_the_same_plans(band):
    band.forget()
    one = run_follow(band)
    band.forget()
    assert run_follow(band) == one


def test_a_restarted_band_with_everything_sent_again_plans_the_same_form(band):
    band.forget()
    first = band.answer(TRADE)
    later = replace(TRADE, id=2, start=32, end=64, phrase=None, chords=first.chords)
    whole = band.answer(later)
    band.forget()
    again = band.answer(replace(later, phrase=PHRASE))
    assert again.notes == whole.notes


def test_another_epoch_forgets_the_phrase(band):
    band.forget()
    band.answer(TRADE)
    plan = band.answer(replace(TRADE, id=2, epoch=2, phrase=None))
    assert not [n for n in plan.notes if n.part == "solo"]


def test_following_changes_chords_with_the_player(band):
    band.forget()
    names = {s.chord.name for plan in run_follow(band) for s in plan.chords}
    assert len(names) >= 2


def test_an_ask_that_only_lets_the_band_hear_gives_an_empty_plan(band):
    band.forget()
    plan = band.answer(next(follow_asks()).__class__(**_fields(next(follow_asks())) | {"start": 16, "end": 16}))
    assert plan.notes == ()


def _fields(ask):
    return {name: getattr(ask, name) for name in ask.__slots__}


def test_what_the_player_plays_as_chords_is_the_plan(band):
    band.forget()
    notes = tuple(
        Note(bar * 3840, 3700, pitch, 85)
        for bar, chord in enumerate(((60, 64, 67), (62, 65, 69), (55, 59, 62), (57, 60, 64)))
        for pitch in chord
    )
    plan = band.answer(replace(TRADE, phrase=Phrase(notes, 4, FOUR, 100.0)))
    assert [(s.onset, s.chord.triad) for s in plan.chords] == [
        (i * 16, parse_chord(c)) for i, c in enumerate(("C:maj", "D:min", "G:maj", "A:min"))
    ]


def test_missing_models_are_named_and_everybody_plays_by_rules(tmp_path):
    band = Ensemble(tmp_path)
    assert {family for family, why in band.models if why != "ok"} == {"chords", "drums", "melody"}
    plan = band.answer(TRADE)
    assert {source for _, source in plan.sources} == {"rules"}
    assert {n.part for n in plan.notes} == {"drums", "bass", "chords", "solo"}


def test_one_corrupt_model_costs_only_its_musician(tmp_path):
    source = models_folder()
    for file in source.iterdir():
        if file.is_file():
            (tmp_path / file.name).write_bytes(file.read_bytes())
    name = json.loads((tmp_path / "manifest.json").read_text())["models"]["drums"]["file"]
    (tmp_path / name).write_bytes(b"no model at all")
    band = Ensemble(tmp_path)
    status = dict(band.models)
    assert status["drums"] != "ok"
    assert status["chords"] == status["melody"] == "ok"
    assert dict(band.answer(TRADE).sources) == {"drums": "rules", "bass": "rules", "chords": "model", "solo": "model"}


def test_a_model_that_fails_while_playing_is_replaced_by_rules(monkeypatch):
    band = Ensemble()

    def broken(*_args, **_kwargs):
        raise RuntimeError("out of tune")

    for kind, method in ((networks.Grooves, "groove"), (networks.Answers, "pitches"), (networks.Chords, "of_phrase")):
        monkeypatch.setattr(kind, method, broken)
    plan = band.answer(TRADE)
    check(TRADE, plan)
    assert {source for _, source in plan.sources} == {"rules"}
    assert {n.part for n in plan.notes} == {"drums", "bass", "chords", "solo"}


def test_a_long_meter_is_beyond_the_drum_network_but_not_the_drummer(band):
    meter = parse_meter("16/4")
    phrase = Phrase(scale_line(meter, 1), 1, meter, 100.0)
    ask = replace(TRADE, meter=meter, phrase=phrase, end=64, form_frames=64)
    band.forget()
    assert dict(band.answer(ask).sources)["drums"] == "rules"
