import json
import math

import numpy as np
import pytest

from sideman.band.changes import Changes
from sideman.band.messages import Ask
from sideman.band.networks import Chords
from sideman.band.stopwatch import Stopwatch
from sideman.models.library import load
from sideman.music.chords import NO_CHORD, triad_index
from sideman_lab.chords import cadence, calibration, entry, listening, loops, measure, melodic, recovery, targets
from sideman_lab.chords.baselines import CAUSAL
from sideman_lab.chords.card import head, trials
from sideman_lab.chords.colouring import Colours, notes_of
from sideman_lab.chords.evaluate import baselines_of, dump, evaluate, setting
from sideman_lab.chords.measure_rows import rule_rows
from sideman_lab.chords.piece import frame_piece, triad_of
from sideman_lab.chords.plain import tunes
from sideman_lab.chords.reported import reported_rows
from sideman_lab.chords.rows import rhythm_rows, score_rows
from sideman_lab.chords.shipped import BPM, SEED, shipped
from sideman_lab.chords.streaming import LOOKAHEAD, WARM, play
from sideman_lab.packaging import cards_folder
from sideman_lab.synthetic import lead_sheets

C, DM, EM, F, G, AM, BDIM = 0, 14, 16, 5, 7, 21, 35
FOUR_BARS = [[0, 8, 60], [8, 8, 64], [16, 8, 65], [24, 8, 69], [32, 8, 67], [40, 8, 66], [48, 16, 60]]
UNDER = [[0, 16, "C:maj"], [16, 16, "F:maj"], [32, 16, "G:7"], [48, 16, "C:maj"]]


def framed(melody, chords, frames=256, meter=(4, 4), name="p-1", **more):
    raw = {"id": name, "meter": list(meter), "melody": melody, "chords": chords, **more}
    return frame_piece(raw, frames)


def transposed(raw, by):
    names = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")

    def label(text):
        root, _, quality = text.partition(":")
        return f"{names[(names.index(root) + by) % 12]}:{quality}"

    return {
        **raw,
        "melody": [[o, d, p + by] for o, d, p in raw["melody"]],
        "chords": [[o, d, label(c)] for o, d, c in raw["chords"]],
    }


def bars(*classes):
    return np.repeat(np.array(classes), 16)


@pytest.fixture(scope="module")
def graph():
    return load("chords")


@pytest.fixture(scope="module")
def hand():
    return framed(FOUR_BARS, UNDER)


# --- definitions, by hand on four bars ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("D:min7", 1), ("D:minmaj7", 1), ("D:min7b5", 1), ("D:min", 1), ("D:dim", 2), ("D:dim7", 2), ("D:hdim7", 2),
        ("D:hdim", 2), ("D:maj7", 0), ("D:7", 0), ("D:sus4(b7)", 0), ("D:aug", 0), ("D", 0), ("D/3", 0), ("D:5", 0),
    ],
)  # fmt: skip
def test_labels_reduce_to_triads_as_the_protocol_says(label, kind):
    assert triad_of(label) == 12 * kind + 2


def test_no_chord_is_none():
    assert triad_of("N") == triad_of("X") == NO_CHORD


def test_of_two_onsets_in_one_frame_the_later_wins():
    assert framed([[3.6, 4, 60], [4.2, 4, 55]], [[0, 8, "C:maj"]]).pitch[4] == 55


def test_fractions_round_half_up():
    piece = framed([[0.5, 1, 60], [2.49, 2, 62]], [[0, 1.5, "C:maj"], [1.5, 6, "G:maj"]])
    assert piece.pitch.tolist()[:5] == [0, 60, 62, 62, 0][: len(piece.pitch)]
    assert piece.human.tolist()[:4] == [C, C, G, G]


def test_scores_by_hand(hand):
    assert measure.nic(hand, hand.human) == pytest.approx(56 / 64)  # the F sharp over G is the one foreign note
    assert measure.nic(hand, hand.human, strong_onsets=True) == pytest.approx(6 / 7)
    assert measure.accuracy(hand, bars(C, F, C, C)) == pytest.approx(0.75)
    assert measure.changes(hand.human).tolist() == [16, 32, 48]


def test_rule_parts_by_hand(hand):
    ours = bars(C, C, G, C)
    parts = {p.name: p.value for p in measure.rule([hand], [ours], 3.0)}
    assert parts["rate ratio"] == pytest.approx(2 / 3)
    human = -(2 / 4 * math.log(2 / 4) + 2 * 1 / 4 * math.log(1 / 4))
    assert parts["chord entropy ratio"] == pytest.approx(-(3 / 4 * math.log(3 / 4) + 1 / 4 * math.log(1 / 4)) / human)
    assert parts["strong share"] == 1.0
    assert parts["silence"] == 0.0
    assert parts["tones per chord ratio"] == pytest.approx(3 / (13 / 4))  # three triads and a seventh, one count each


def test_the_first_eight_frames_of_silence_are_free(hand):
    late = hand.human.copy()
    late[:8] = NO_CHORD
    assert measure.silence(hand, late) == 0.0
    late[:16] = NO_CHORD
    assert measure.silence(hand, late) == pytest.approx(8 / 56)


def test_published_measures_by_hand(hand):
    human = hand.human
    # Six of seven notes are chord tones; the F sharp steps neither to C nor to the note after it.
    assert melodic.chord_tone_ratio(hand, human) == pytest.approx(6 / 7)
    passing = framed([[0, 8, 60], [8, 4, 62], [12, 4, 64]], [[0, 16, "C:maj"]])
    assert melodic.chord_tone_ratio(passing, passing.human) == 1.0
    unison = framed([[0, 16, 60]], [[0, 16, "C:maj"]])
    assert melodic.consonance(unison, unison.human) == pytest.approx((1 + 1 + 0) / 3)  # unison, sixth, fourth below
    assert melodic.distinct(human) == 3
    assert melodic.sequence(human) == [C, F, G, C]
    assert melodic.histogram_entropy(human) == pytest.approx(-(0.5 * math.log(0.5) + 2 * 0.25 * math.log(0.25)))
    assert melodic.chord_distance(bars(C, C)) == 0.0
    assert melodic.chord_distance(bars(C, G)) < melodic.chord_distance(bars(C, 6))
    assert melodic.short_share(np.array([C] * 8 + [F] * 4 + [G] * 8)) == (1.0, 2.0)
    assert melodic.parallel_share(np.array([NO_CHORD, C, C, C + 12, NO_CHORD, C, F, F + 24])) == (3.0, 4.0)


def test_sync_counts_frames_from_the_nearest_onset_before(hand):
    counts = melodic.sync_histogram(hand, hand.human)
    assert counts[0] == 4
    assert melodic.sync_distance([counts], [counts]) == 0.0
    late = np.concatenate([[C] * 4, hand.human[:-4]])
    shifted = melodic.sync_histogram(hand, late)
    assert (shifted[0], shifted[4]) == (1, 3)
    assert melodic.sync_distance([shifted], [counts]) == pytest.approx(1000 * 3 / 4 * 4 / 17)


def test_four_bar_lift_by_hand():
    piece = framed([[0, 128, 60]], [[0, 128, "C:maj"]])
    played = bars(C, F, G, AM, C, F, G, AM)
    rows = np.array([loops.bar_matches(piece, played)])
    assert rows.tolist() == [[0, 5, 4, 4, 0, 3]]
    assert loops.four_bar_lift(np.array([[2, 5, 4, 4, 1, 5]])) == pytest.approx(1 / 0.3)


def test_a_cadence_is_the_tonic_after_a_chord_that_leads_to_it():
    scale = [[16 * i + 4 * j, 4, p] for i in range(8) for j, p in enumerate((60, 64, 67, 72))]
    piece = framed(scale, [[0, 128, "C:maj"]])
    assert measure.tonic_of(piece) == 0
    home = bars(C, F, C, G, AM, F, G, C)
    assert cadence.cadences(piece, home) == [1.0, 1.0, 1.0, 7.0]  # bar 3 comes home from IV too
    assert cadence.cadences(piece, bars(C, F, C, G, AM, F, DM, C))[0] == 0.0
    assert cadence.cadences(piece, bars(C, F, C, G, AM, F, C, G))[0] == 0.0
    rows = np.array([[7.0, 10, 2, 20]])
    assert (cadence.rate(rows), cadence.lift(rows)) == (0.7, pytest.approx(7.0))


def test_recovery_by_hand():
    beats = recovery.BEFORE + recovery.AFTER
    hits = [8.0] * recovery.BEFORE + [0, 0, 0, 4, 4, 8] + [8.0] * 10
    rows = np.array([[*hits, *[10.0] * beats]])
    assert recovery.losses(rows)[:6].tolist() == pytest.approx([0.8, 0.8, 0.8, 0.4, 0.4, 0.0])
    assert recovery.area_lost(rows) == pytest.approx(3.2)
    # Half-bar means .8 .8 .6 .4 at 1, 2, 3, 4 beats: the half, .4, is reached at beat 4.
    assert recovery.half_life(rows) == pytest.approx(4.0)
    never = np.array([[*[8.0] * recovery.BEFORE, *[0.0] * recovery.AFTER, *[10.0] * beats]])
    assert recovery.half_life(never) == recovery.AFTER


def test_the_first_chord_counts_as_long_as_it_stands():
    played = np.array([NO_CHORD] * 32 + [C] * 8 + [F] * 8)
    assert entry.first_chord(played, 32) == slice(32, 40)
    assert entry.first_chord(np.array([NO_CHORD] * 32 + [C] * 40), 32) == slice(32, 48)
    assert entry.first_chord(np.full(48, NO_CHORD), 32) == slice(0, 0)


def test_the_band_enters_on_the_first_bar_line_after_the_silence_period():
    eight = {meter: framed([[0, 200, 60]], UNDER, meter=meter) for meter in ((4, 4), (3, 4), (6, 8))}
    assert [entry.after_listening(piece) for piece in eight.values()] == [32, 36, 48]
    late = framed([[4, 200, 60]], UNDER)
    assert entry.after_listening(late) == 48  # eight beats from its first note on, then the bar line
    upbeat = framed([[-4, 4, 55], [0, 200, 60]], UNDER, pickup=4)
    assert entry.after_listening(upbeat) == 36  # row 36 is bar line 2: the silence ends a beat before it
    behind = framed([[2, 200, 60]], UNDER)
    assert entry.after_listening(behind) == 32  # half a beat late is on time
    assert entry.enters(late, 0) == 0


def test_calibration_error_by_hand():
    piece = framed([[0, 64, 60]], UNDER)
    sure = np.full(64, 0.75, np.float32)
    right = np.array([calibration.binned(piece, piece.human, sure)])
    assert calibration.calibration_error(right) == pytest.approx(0.25)
    half = np.array([calibration.binned(piece, bars(C, F, C, F), sure)])
    assert calibration.calibration_error(half) == pytest.approx(0.25)


def test_least_sure_frames_are_scored_beside_the_drone():
    piece = framed([[0, 64, 60]], UNDER)
    sure = np.concatenate([np.full(8, 0.1), np.full(56, 0.9)]).astype(np.float32)
    ours, theirs = calibration.least_sure([piece], [bars(G, C, C, C)], [sure], [bars(C, C, C, C)])
    assert ours == [[0.0, 8.0]]
    assert theirs == [[8.0, 8.0]]


@pytest.mark.parametrize(("a", "b", "far"), [("abcd", "abcd", 0), ("abcd", "abxd", 0.25), ("ab", "abcd", 0.5)])
def test_edit_distance(a, b, far):
    assert listening.edit_distance([ord(c) for c in a], [ord(c) for c in b]) == far


# --- what may not matter -----------------------------------------------------------------------------------------


def test_transposing_everything_changes_no_figure():
    figures = []
    for by in (0, 5):
        pieces = [frame_piece(transposed(raw, by), 128) for raw in lead_sheets(4)]
        others = baselines_of(pieces, 0, 0)
        ours = others["half-bar HMM + form"]
        rows = score_rows("synthetic", 0, pieces, ours, others, None)
        rows += rhythm_rows("synthetic", pieces, ours, others)
        rows += rule_rows(pieces, ours, [np.full(len(x), 3) for x in ours])
        rows += reported_rows(pieces, ours, others)
        figures.append({row.name: row.value for row in rows})
    assert figures[0] == pytest.approx(figures[1], abs=1e-6)


def test_the_drone_has_no_lift():
    pieces = [frame_piece(raw, 128) for raw in lead_sheets(4)]
    others = baselines_of(pieces, 0, 0)
    rows = {r.name: r for r in score_rows("x", 0, pieces, others["drone, online key"], others, None)}
    lift = rows["NiC lift over the online drone"]
    assert (lift.value, lift.ci95) == (0.0, (0.0, 0.0))


def test_rows_of_the_rule_are_the_rule():
    pieces = [frame_piece(raw, 128) for raw in lead_sheets(6)]
    ours = [CAUSAL["copy four bars ago"](p, 0) for p in pieces]
    rows = rule_rows(pieces, ours, [np.full(len(x), 3) for x in ours])
    assert [r.value for r in rows] == [p.value for p in measure.rule(pieces, ours)]
    for row in rows:
        assert row.ci95[0] <= row.value + 1e-9 or row.name == "rule: Vendi ratio"


def test_a_set_is_known_by_its_ids():
    pieces = [framed(FOUR_BARS, UNDER, name="openewld-x--y")]
    assert targets.set_of(pieces) == "openewld"
    assert targets.asked("triad accuracy", "openewld", 0)["must"] == 0.34
    assert targets.asked("triad accuracy", "nottingham", 0)["must"] == 0.46
    assert targets.asked("triad accuracy", "lieder", 0) == {}
    assert targets.asked("NiC", "openewld", 4)["must"] == 0.54
    assert targets.asked("NiC", "openewld", 2) == {}
    assert targets.asked("rate ratio", "anything", 3)["most"] == 1.25


# --- the real stream ---------------------------------------------------------------------------------------------


def test_loops_repeat_and_know_their_period(hand):
    busy = [*[[o + half, 4, p] for o, _, p in FOUR_BARS for half in (0, 4)], [60, 4, 62]]
    loop = loops.looped(framed(busy, UNDER), 4)
    assert len(loop) == 4 * 64
    assert (loop.pitch[:64] == loop.pitch[64:128]).all()
    assert loops.true_period(loop, 4) == 4
    eight = framed([*busy, *[[o + 64, d, p] for o, d, p in busy]], UNDER)
    assert loops.true_period(loops.looped(eight, 8), 8) == 4
    assert loops.looped(hand, 8) is None


def test_the_shifted_melody_is_the_same_before_beat_17():
    piece = frame_piece(lead_sheets(1)[0], 256)
    shifted = recovery.moved(piece)
    assert (shifted.pitch[:64] == piece.pitch[:64]).all()
    sounding = shifted.pitch[64:] > 0
    assert ((shifted.pitch - piece.pitch[: len(shifted)])[64:][sounding] == 6).all()
    same = recovery.cut(piece, len(shifted))
    assert measure.nic(shifted, shifted.human) == measure.nic(same, same.human)


def test_what_is_played_hears_nothing_of_its_frame_or_after(graph):
    raw = lead_sheets(2)[1]
    piece = frame_piece(raw, 96)
    cut = 48
    other = frame_piece({**raw, "melody": [[o, d, p + (o >= cut)] for o, d, p in raw["melody"]]}, 96)
    assert (other.pitch[:cut] == piece.pitch[:cut]).all()
    for commit in (0, 16):
        a, b = (play(graph, p, commit) for p in (piece, other))
        assert (a.classes[: cut + commit + 1] == b.classes[: cut + commit + 1]).all()
        assert (a.tones[: cut + commit + 1] == b.tones[: cut + commit + 1]).all()


def test_spans_tile_without_overlap_and_say_what_sounds(graph):
    piece = frame_piece(lead_sheets(3)[2], 96)
    for complexity in (0, 1, 3):
        played = play(graph, piece, 0, colours=Colours(piece, complexity, "jazz"))
        assert all(a.end == b.onset for a, b in zip(played.spans, played.spans[1:], strict=False))
        assert (played.tones[played.classes < NO_CHORD] >= 3).all()
        if complexity == 0:
            assert set(played.tones.tolist()) <= {0, 3}


def test_notes_of_a_piece_are_its_frames(hand):
    assert [(n.tick // 240, n.duration // 240, n.pitch) for n in notes_of(hand)] == [tuple(n) for n in FOUR_BARS]


def test_the_default_setting_is_the_box_s_own():
    piece = framed(FOUR_BARS, UNDER)
    assert shipped(piece.meter).key is None
    assert shipped(piece.meter, 1) == shipped(piece.meter, 1)


def test_the_evaluation_enters_with_the_chord_that_the_box_enters_with(graph):
    for raw in tunes(10):
        piece = frame_piece(raw, 96)
        at, notes, band = entry.after_listening(piece), notes_of(piece), Chords(graph, Stopwatch())
        for now in range(at - WARM, at + 1):
            ask = Ask(1, SEED, 1, "follow", piece.meter, BPM, frame=now, start=at, end=at + LOOKAHEAD, heard_until=now)
            told = band.ahead(ask, [note for note in notes if note.frame < now], Changes())
        assert triad_index(told.at(at)) == play(graph, piece, 0, at).classes[at]


@pytest.fixture(scope="module")
def raws():
    return lead_sheets(2, bars=9)


@pytest.fixture(scope="module")
def outcome(graph, raws):
    return evaluate(graph, [frame_piece(raw, 256) for raw in raws], 0, quiet=True)


def test_a_dump_scored_again_gives_the_same_figures(outcome, raws, tmp_path):
    file = tmp_path / "played.jsonl"
    dump(file, outcome, raws)
    again = [frame_piece(json.loads(line), 256) for line in file.read_text().splitlines()]
    rows = {row.name: row.value for row in outcome.metrics}
    assert np.mean([measure.nic(p, p.human) for p in again]) == pytest.approx(rows["NiC"], abs=1e-9)
    ours = [p.human for p in again]
    tones = measure.tones_per_chord(ours, [p.human_tones for p in again])
    for part in measure.rule(outcome.pieces, ours, tones):
        assert part.value == pytest.approx(rows[f"rule: {part.name}"], abs=1e-9)


def test_every_row_of_the_table_is_printed(outcome):
    names = {row.name for row in outcome.metrics}
    assert set(targets.TARGETS) <= names
    assert {"NiC, commit 4 beats", "rule, commit 4 beats: strong share"} <= names
    assert any(name.startswith("NiC, just in time") for name in names)
    for row in outcome.metrics:
        assert row.n > 0
        assert not math.isnan(row.value)


def test_the_setting_can_be_printed():
    found = json.loads(json.dumps(setting(framed(FOUR_BARS, UNDER).meter)))
    assert found["knobs"]["harmonic_rhythm"] == found["decoder"]["harmonic_rhythm"] == 1.0


def test_trials_that_are_not_shipped_are_told(tmp_path):
    assert trials(tmp_path) == ""
    found = {"parameters": 1234, "trained_on": ["a", "b"], "validation": {"songs": {"argmax": {"NiC": 0.5}}}}
    (tmp_path / "challenger_result.json").write_text(json.dumps(found))
    told = trials(tmp_path)
    assert "## The challenger (not shipped)" in told
    assert "parameters: 1,234; trained on: a, b." in told
    assert "| validation, songs, argmax, NiC | 0.5 |" in told


def test_the_head_of_the_shipped_card_is_that_of_its_source():
    """Two evaluations that run side by side may write the card; the one that ends last must not bring back an old one."""
    text = (cards_folder() / "chords.md").read_text(encoding="utf-8")
    assert text.startswith(head())
