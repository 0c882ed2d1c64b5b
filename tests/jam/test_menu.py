"""The foot menu: every item works, lands on the bar line where it sounds, and closes by itself."""

import pytest

from sideman.jam import menu
from sideman.jam.events import SettingChanged
from sideman.jam.knobs import BY_NAME, KNOBS, PAGES
from sideman.jam.options import Options, setting_keys, with_setting
from sideman.jam.settle import landing
from sideman.service.settings import Settings
from tests.jam.rig import RIFF, Rig, committed, playing


def opened(rig, beat, item=None):
    """Hold PLAY, START until the item's page, PLAY until the item; returns the beat after."""
    rig.press("PLAY", beat, hold_s=0.9)
    beat += 2
    if item is not None:
        knob = BY_NAME[item.lower()]
        pages = menu.pages(rig.options.mode)
        for switch, times in (("START", pages.index(knob.page)), ("PLAY", menu.items(knob.page).index(knob) + 1)):
            for _ in range(times):
                rig.press(switch, beat, hold_s=0.05)
                beat += 0.7
    rig.run(beat)
    return beat


def change(rig, beat, key, value):
    rig.conductor.post(SettingChanged(rig.at(beat), key, value))


# the menu itself ------------------------------------------------------------------------------------------------------


def test_play_turns_the_items_of_a_page_and_comes_round():
    rig = committed()
    beat = opened(rig, 18)
    seen = []
    names = [knob.name.upper() for knob in menu.items("jam")]
    for _ in range(len(names) + 2):
        seen.append(rig.status.menu[0])
        rig.press("PLAY", beat, hold_s=0.05)
        beat += 0.7
        rig.run(beat)
    assert seen == ["PAGE", *names, "PAGE"]


@pytest.mark.parametrize(
    ("mode", "pages"), [("trade", "JAM CHORDS SOUNDS LEVELS"), ("follow", " ".join(PAGES).upper())]
)
def test_start_turns_the_pages_and_comes_round(mode, pages):
    rig = Rig(mode=mode)
    beat = opened(rig, 18)
    seen = []
    for _ in range(len(pages.split()) + 1):
        seen.append(rig.status.menu)
        rig.press("START", beat, hold_s=0.05)
        beat += 0.7
        rig.run(beat)
    assert [item for item, _ in seen] == ["PAGE"] * len(seen)
    assert [page for _, page in seen] == [*pages.split(), "JAM"]


def test_hold_start_on_the_page_goes_to_the_page_before():
    rig = committed()
    beat = opened(rig, 18)
    rig.press("START", beat, hold_s=0.9)
    rig.run(beat + 2)
    assert rig.status.menu == ("PAGE", "LEVELS")


def test_no_page_is_longer_than_a_foot_goes():
    assert {knob.page for knob in KNOBS} == set(PAGES)
    assert max(len(menu.items(page)) for page in PAGES) <= 13


def test_a_mode_left_from_outside_leaves_the_foot_where_it_is():
    rig = Rig(mode="follow")
    beat = opened(rig, 18, "SILENCE")
    change(rig, beat, "jam.mode", "trade")
    rig.run(beat + 0.5)
    assert rig.status.menu == ("SILENCE", "8")
    for _ in range(len(menu.items("follow"))):
        beat += 1
        rig.press("PLAY", beat, hold_s=0.05)
    rig.press("START", beat + 1, hold_s=0.05)
    rig.run(beat + 2)
    assert rig.status.menu == ("PAGE", "SOUNDS")


@pytest.mark.parametrize("item", KNOBS, ids=lambda i: i.name)
def test_start_turns_the_value_and_hold_start_turns_it_back(item):
    rig = Rig(mode="follow") if item.page == "follow" else committed()
    beat = opened(rig, 18, item.name)
    was = item.now(rig.jam.options)
    values = item.by_foot(rig.jam.options)
    rig.press("START", beat, hold_s=0.05)
    rig.run(beat + 0.5)
    now = item.now(rig.jam.options)
    assert now != was
    assert now in values
    assert rig.status.menu == (item.name.upper(), item.shown(now))
    assert dict(rig.jam.chosen)[item.key] == now
    rig.press("START", beat + 1, hold_s=0.9)
    rig.run(beat + 3)
    assert item.now(rig.jam.options) in (was, values[(values.index(now) - 1) % len(values)])


def test_hold_start_goes_to_the_previous_value():
    rig = committed()
    beat = opened(rig, 18, "COUNT-IN")
    rig.press("START", beat, hold_s=0.9)
    rig.run(beat + 2)
    assert rig.jam.options.count_in == 2
    assert rig.status.menu == ("COUNT-IN", "2")


@pytest.mark.parametrize("item", KNOBS, ids=lambda i: i.name)
def test_every_value_of_every_item_is_allowed_by_the_settings(item):
    assert item.key in setting_keys()
    far = Options(lookahead_beats=8, temperature=0.5)
    for value in (*item.values, *item.by_foot(far))[:150]:
        Settings().with_value("follow.lookahead_beats", "8").with_value(item.key, value)
        assert item.now(with_setting(far, item.key, value)) == value


@pytest.mark.parametrize("leave", ["STOP", "hold PLAY"])
def test_leaving(leave):
    rig = playing()
    beat = opened(rig, 24.7)
    rig.press(leave.split()[-1], beat, hold_s=0.9 if "hold" in leave else 0.05)
    rig.run(beat + 2)
    assert rig.state == "PLAYING"
    if "hold" not in leave:
        return
    assert rig.jam.options == Options()


def test_it_closes_after_eight_seconds_and_every_press_begins_them_anew():
    rig = playing()
    beat = opened(rig, 24.7)
    second = 1.6
    rig.press("PLAY", beat + 6 * second, hold_s=0.05)
    rig.run(beat + 10 * second)
    assert rig.state == "MENU"
    rig.run(beat + (6 + 8.1) * second)
    assert rig.state == "PLAYING"


def test_the_music_goes_on_under_it():
    rig, plain = playing(), playing()
    opened(rig, 24.7, "KEY")
    assert rig.run(40).sounded() == plain.run(40).sounded()


def test_the_leds_are_those_of_what_lies_below():
    rig = playing()
    opened(rig, 24.7)
    assert rig.status.leds == ("off", "off", "beat")
    assert rig.status.bottom == ("VALUE", "LEAVE", "ITEM")


# what its items do ----------------------------------------------------------------------------------------------------


def parts_from(rig, beat, to):
    line = rig.jam.timeline
    lo, hi = line.tick(rig.at(beat)) - 120, line.tick(rig.at(to)) - 120
    return {n[0] for n in rig.sounded() if lo <= n[1] < hi}


def test_the_line_up_lands_on_the_bar_line():
    rig = playing()
    change(rig, 25, "jam.lineup", "drums")
    change(rig, 37, "jam.lineup", "all")
    rig.run(56)
    assert parts_from(rig, 25.2, 28) >= {"bass", "chords"}
    assert parts_from(rig, 28, 36) == {"drums"}
    assert parts_from(rig, 40, 48) >= {"drums", "bass", "chords"}


def test_what_rings_over_the_bar_line_ends_there():
    rig = playing()
    change(rig, 25, "jam.lineup", "drums")
    rig.run(28.1)
    assert rig.jam.sounding.of("bass", "chords", "solo") == []


def test_a_line_up_in_the_last_beat_lands_on_the_line_after():
    rig = playing()
    rig.run(27.5)
    assert landing(rig.jam) == rig.jam.timeline.next_bar_line(rig.jam.timeline.tick(rig.at(28.5)))


def test_a_line_up_chosen_in_silence_is_there_from_the_first_beat():
    rig = committed()
    change(rig, 17.2, "jam.lineup", "drums_bass")
    rig.press("PLAY", 19)
    rig.run(36)
    assert {n[0] for n in rig.sounded()} == {"drums", "bass"}


def test_levels_and_mutes():
    rig = playing()
    change(rig, 24, "parts.bass.level", "64")
    change(rig, 28, "parts.drums.mute", "true")
    change(rig, 30, "levels.band", "0")
    rig.run(34)
    sent = [data for _, data in rig.out.sent]
    assert bytes((0xB1, 7, 64)) in sent
    assert bytes((0xB9, 7, 0)) in sent
    assert "drums" not in parts_from(rig, 28.2, 34)
    assert parts_from(rig, 30.2, 34) == set()


def test_the_bands_level_leaves_the_player_alone():
    rig = Rig()
    change(rig, 0, "levels.band", "32")
    rig.run(1)
    last = {d[0] & 15: d[2] for _, d in rig.out.sent if d[0] & 0xF0 == 0xB0 and d[1] == 7}
    own = dict(rig.options.parts)
    assert last[own["player"].channel] == own["player"].level
    assert last[own["bass"].channel] == own["bass"].level * 32 // 127


def test_transpose_moves_the_pitched_parts_from_a_bar_line_on():
    rig, plain = playing(), playing()
    change(rig, 25, "jam.transpose", "2")
    rig.run(48)
    plain.run(48)
    mine, theirs = rig.sounded("chords"), plain.sounded("chords")
    moved = [n[1] for n, o in zip(mine, theirs, strict=False) if n[2] != o[2]]
    assert moved
    line = rig.jam.timeline
    assert line.within(min(moved) + 240) < 480 or min(moved) >= line.tick(rig.at(28)) - 120
    assert min(moved) <= line.tick(rig.at(36))
    later = {n[2] % 12 for n in mine if n[1] > line.tick(rig.at(36))}
    other = {(o[2] + 2) % 12 for o in theirs if o[1] > line.tick(rig.at(36))}
    assert later == other


def test_a_fixed_tempo_is_the_next_phrases():
    rig = Rig()
    change(rig, -1.5, "tempo.bpm", "100")
    change(rig, -1.5, "tempo.mode", "fixed")
    rig.press("START", -1)
    rig.play(RIFF)  # at 96: the fixed tempo wins
    rig.press("STOP", 15.4)
    rig.run(17)
    assert rig.jam.session.material.phrase.bpm == pytest.approx(100)
    assert rig.jam.session.material.confidence == 1.0


def test_a_second_phrase_at_a_fixed_tempo_begins_with_its_own_first_note():
    rig = Rig(tempo_fixed=True, bpm=96)
    rig.press("START", -1)
    rig.play(RIFF)
    rig.press("STOP", 16)
    rig.press("START", 30)
    rig.play(RIFF, start=33.4)
    rig.press("STOP", 33.4 + 16)
    rig.run(52)
    assert rig.jam.session.material.phrase.notes[0].tick == pytest.approx(0, abs=5)


def test_a_fixed_tempo_changes_the_playing_band_on_the_bar_line():
    rig = playing()
    change(rig, 25, "tempo.bpm", "120")
    change(rig, 25, "tempo.mode", "fixed")
    rig.run(26)
    line = rig.jam.timeline
    start = line.tick(rig.at(25.5))
    bar = line.next_bar_line(start)
    assert line.tempo.bpm_at(start) == pytest.approx(96, rel=0.01)
    assert line.tempo.bpm_at(bar) == pytest.approx(120, rel=0.001)
    rig.run(40)
    assert rig.state == "PLAYING"
    assert rig.out.hung()
    for due, n in zip(rig.jam.lateness, rig.sounded(), strict=False):
        assert due >= 0, n


def test_a_fixed_tempo_after_the_commit_is_the_phrases():
    rig = committed()
    change(rig, 17.5, "tempo.bpm", "120")
    change(rig, 17.5, "tempo.mode", "fixed")
    rig.press("PLAY", 30)
    rig.run(34)
    assert rig.jam.timeline.tempo.bpm == pytest.approx(120, rel=0.001)


def test_a_key_harmonises_the_phrase_again():
    rig = committed()
    change(rig, 18, "jam.key", "Db maj")
    rig.run(22)
    material = rig.jam.session.material
    assert material.phrase.key == "Db maj"
    assert material.form
    rig = playing()
    change(rig, 25, "jam.key", "E maj")
    rig.run(40)
    assert rig.state == "PLAYING"
    assert sum(c.frames for c in rig.jam.session.material.form) == rig.jam.session.material.frames


def test_the_meter_is_that_of_the_next_phrase():
    rig = playing()
    change(rig, 25, "jam.meter", "3/4")
    rig.run(30)
    assert str(rig.jam.timeline.meter) == "4/4"
    rig.press("STOP", 31)
    rig.press("START", 33)
    rig.play(RIFF[:12], start=35)
    rig.press("STOP", 47)
    rig.run(48)
    assert str(rig.jam.session.material.phrase.meter) == "3/4"
    assert rig.jam.session.material.phrase.bars == 4


@pytest.mark.parametrize("to", ["follow", "trade"])
def test_a_mode_change_keeps_what_is_playing(to):
    rig = playing() if to == "follow" else Rig(mode="follow", tempo_fixed=True, bpm=96)
    if to == "trade":
        rig.press("START", -1)
    rig.play(RIFF * 2, start=16 if to == "follow" else 0)
    change(rig, 25.5, "jam.mode", to)
    rig.run(44)
    assert rig.jam.options.mode == to
    assert rig.state == "PLAYING"
    for beat in range(26, 44, 2):
        assert parts_from(rig, beat, beat + 2) >= {"drums", "chords"}


@pytest.mark.parametrize(
    ("key", "value"),
    [("jam.mode", "loop"), ("jam.meter", "banana"), ("tempo.bpm", "fast"), ("jam.ending", "?"), ("jam.lineup", "x")],
)
def test_a_value_that_makes_no_sense_is_refused(key, value):
    rig = playing()
    change(rig, 24, key, value)
    rig.run(24.5)
    assert rig.status.notice == f"NO {value.upper()}"
    assert rig.run(32).state == "PLAYING"
    assert rig.jam.options == rig.options


def test_endings_by_the_menu():
    rig = playing()
    beat = opened(rig, 24.7, "ENDING")
    rig.press("START", beat, hold_s=0.05)
    rig.run(beat + 1)
    assert rig.jam.options.ending == "stop"
