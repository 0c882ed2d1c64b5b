"""The simulated players against the whole program: what must hold whoever plays, whatever the models say."""

import gzip
import json

import pytest

from sideman.edges.smf import midi_file
from sideman.jam.cues import PlanShown
from sideman.jam.events import NoteOff, NoteOn, SwitchEdge
from sideman.music.chords import parse_chord
from sideman.service.nic import note_in_chord
from sideman.service.replay import replayed_bytes
from sideman.service.take import take_of
from sideman.sim.players.base import Act, Intent
from sideman.sim.players.cast import CAST
from tests.jams import players
from tests.jams import record as golden

ALL = [(name, seed) for name in CAST for seed in players.SEEDS]
BAR = 16


def changes_by_bar(jam):
    """Chord changes in each bar of the box."""
    found, before = {}, None
    for onset, _, label in jam.box.recorder.chords:
        triad = parse_chord(label).triad
        if before is not None and triad != before:
            found[onset // BAR] = found.get(onset // BAR, 0) + 1
        before = triad
    return found


@pytest.mark.parametrize(("name", "seed"), ALL)
def test_nothing_hangs_nothing_is_late_nothing_is_early(name, seed):
    jam = players.played(name, seed)
    assert jam.run.out.hung() == set()
    assert len(jam.box.sounding) == 0
    assert jam.box.late_plans == 0
    assert (min(jam.box.lateness), max(jam.box.lateness) <= 1) == (0, True)
    for plan in (item for item in jam.run.front.items if isinstance(item, PlanShown)):
        assert all(onset + frames > plan.frame for onset, frames, *_ in plan.chords)


@pytest.mark.parametrize(("name", "seed"), ALL)
def test_no_bar_has_more_than_four_chord_changes(name, seed):
    assert max(changes_by_bar(players.played(name, seed)).values(), default=0) <= 4


@pytest.mark.parametrize(("name", "seed"), [each for each in ALL if each[0] != "adversary"])
def test_the_whole_band_enters_in_harmony_and_stays(name, seed):
    jam = players.played(name, seed)
    assert {part for part, *_ in jam.notes} >= {"drums", "bass", "chords"}
    chords = jam.box.recorder.chords
    assert sum(frames for _, frames, _ in chords) == chords[-1][0] + chords[-1][1] - chords[0][0]  # not a gap
    moved = sum(record["moved"] for line in jam.records if (record := json.loads(line)).get("did") == "bar")
    assert chords[0][0] == jam.box.session.origin - moved  # the form moves along where the bar is found again


@pytest.mark.parametrize(("name", "seed"), ALL)
def test_what_was_committed_sounded(name, seed):
    jam = players.played(name, seed)
    sounded = {f: label for onset, n, label in jam.box.recorder.chords for f in range(onset, onset + n)}
    told = 0
    for plan in (item for item in jam.run.front.items if isinstance(item, PlanShown)):
        for onset, _, label, committed, _ in plan.chords:
            if committed and onset > plan.frame and onset in sounded:
                # A change of key may respell it.
                assert parse_chord(sounded[onset]) == parse_chord(label), (plan.frame, onset)
                told += 1
    assert told or name == "adversary"


@pytest.mark.parametrize("name", [n for n in players.GOLDEN if n.endswith("1")])
def test_a_replay_gives_the_same_bytes(name, tmp_path):
    player, _, seed = name.rpartition("-")
    jam = players.played(player, int(seed))
    log = tmp_path / "events.log"
    log.write_text("\n".join(golden.kept(jam.records)) + "\n", encoding="utf-8")
    assert replayed_bytes(log) == midi_file(take_of(jam.box))


@pytest.mark.parametrize("name", ["reactive", "adversary"])
def test_the_same_seed_gives_the_same_jam_with_a_band_of_its_own(name):
    assert players.Jam(CAST[name](1)).records == players.played(name, 1).records


@pytest.mark.parametrize("name", sorted(CAST))
def test_another_seed_plays_something_else(name):
    one, two = (players.played(name, seed) for seed in players.SEEDS)
    assert [pitch for _, pitch in one.keys] != [pitch for _, pitch in two.keys]
    assert one.notes != two.notes


def test_the_reactive_player_plays_other_notes_to_other_chords():
    """The loop is closed: the box in another key, the same player with the same seed plays in that key."""
    one = players.played("reactive", 1)
    two = players.played("reactive", 1, (("jam.key", "F# maj"),))
    three = players.played("reactive", 1, (("jam.key", "C maj"),))
    heard = [[pitch for _, pitch in jam.keys] for jam in (one, two, three)]
    entry = min(jam.run.conductor.jam.timeline.ns(jam.box.session.origin * 240) for jam in (one, two, three))
    before = [[pitch for ns, pitch in jam.keys if ns < entry - 2_000_000_000] for jam in (one, two, three)]
    assert before[0] == before[1] == before[2]  # nothing to react to yet
    assert before[0]
    assert heard[1] != heard[2]
    scripted = [players.played("melody", 1, key).keys for key in ((), (("jam.key", "F# maj"),))]
    assert scripted[0] == scripted[1]  # those who do not listen play on


def test_the_loop_comes_round():
    """From the third cycle on the chords move as they did one cycle before, and fit better than any one chord held."""
    jam = players.played("loop", 1)
    chord = {f: label for onset, n, label in jam.box.recorder.chords for f in range(onset, onset + n)}
    cycle = 4 * BAR
    frames = [f for f in chord if f - cycle in chord and f >= jam.box.session.origin + 2 * cycle]
    agree = sum(chord[f] == chord[f - cycle] for f in frames) / len(frames)
    assert agree >= 0.5
    assert len({chord[f] for f in frames}) >= 2
    found = note_in_chord(take_of(jam.box).parts["player"].notes, jam.box.recorder.chords)
    assert found["take"] > found["baselines"]["drone, hindsight (reference)"]


class Nobody:
    """Presses START and never plays a note."""

    name, intent = "nobody", Intent()

    def begin(self, ns):
        return ns + 1

    def see(self, item):
        pass

    def act(self, ns):
        return Act((SwitchEdge(ns, "START", down=True), SwitchEdge(ns + 10**8, "START", down=False)), None)


class Machine:
    """Plays a key on every beat that it is shown: a player may live by what it sees."""

    name, intent = "machine", Intent()

    def __init__(self):
        self.shown = 0

    def begin(self, ns):
        self.until = ns + 12 * 10**9
        return ns + 5 * 10**8

    def see(self, item):
        self.shown += 1

    def act(self, ns):
        feet = (SwitchEdge(ns, "START", down=True), SwitchEdge(ns + 10**8, "START", down=False))
        key = (NoteOn(ns, "x", 0, 60, 80), NoteOff(ns + 10**8, "x", 0, 60))
        events = feet if self.shown and not hasattr(self, "begun") else key
        self.begun = True
        return Act(events, ns + 5 * 10**8 if ns < self.until else None)


def test_silence_for_ever_is_silence():
    jam = players.Jam(Nobody(), band=players.band())
    assert jam.notes == []
    assert jam.run.out.hung() == set()


def test_a_player_that_asks_for_the_past_is_refused():
    class Late(Nobody):
        def act(self, ns):
            return Act((), ns)

    with pytest.raises(ValueError, match="has passed"):
        players.Jam(Late(), band=players.band())


def test_a_player_that_lives_by_what_it_sees():
    player = Machine()
    jam = players.Jam(player, band=players.band())
    assert player.shown > 10
    assert jam.notes


@pytest.mark.parametrize("name", players.GOLDEN)
def test_replaying_the_recorded_plans_gives_the_golden_bytes(name, tmp_path):
    wanted = (golden.GOLDEN / f"{name}.mid").read_bytes()
    assert replayed_bytes(golden.unpacked(name, tmp_path)) == wanted, "if this was meant: python -m tests.jams.record"


@pytest.mark.parametrize("name", [n for n in players.GOLDEN if not n.startswith("reactive")])
def test_the_players_hands_are_those_of_the_golden_logs(name):
    """What a scripted player does owes nothing to the models; it must never change unnoticed."""
    player, _, seed = name.rpartition("-")
    then = gzip.decompress((golden.GOLDEN / f"{name}.log.gz").read_bytes()).decode().splitlines()
    keys = [line for line in then if '"_":"NoteOn"' in line]
    assert [k for k in players.played(player, int(seed)).records if '"_":"NoteOn"' in k] == keys
