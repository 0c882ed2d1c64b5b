"""FluidSynth is started on the card that a player would choose, and never where it cannot be heard."""

import subprocess
from pathlib import Path

import pytest

from sideman.jam.levels import is_fluidsynth
from sideman.service import cli, synth_command
from sideman.service.settings import Settings
from sideman.service.synth_command import Card, NoSynthError, cards, command, font, latency_ms, mixed

CARDS = """\
 0 [vc4hdmi0       ]: vc4-hdmi - vc4-hdmi-0
                      vc4-hdmi-0
 1 [VirMIDI        ]: VirMIDI - VirMIDI
                      Virtual MIDI Card 1
 2 [Headphones     ]: bcm2835_headpho - bcm2835 Headphones
                      bcm2835 Headphones
 3 [Keys           ]: USB-Audio - Stage Keys
                      Maker Stage Keys at usb-0000:01:00.0-1.1, full speed
 4 [DAC            ]: IQaudIODAC - IQaudIODAC
                      IQaudIODAC
"""


def system(tmp_path, playing=(0, 2, 3, 4)):
    (tmp_path / "cards").write_text(CARDS, encoding="utf-8")
    for number in range(5):
        (tmp_path / f"card{number}" / f"pcm0{'p' if number in playing else 'c'}").mkdir(parents=True)
    return cards(tmp_path)


def words(found, **values):
    return command(Settings().with_values({"synth": values} if values else {}), found, "font.sf2", "fluidsynth")


def device(found, **values):
    return next(word for word in words(found, **values) if word.startswith("audio.alsa.device=")).partition("=")[2]


def test_a_dac_comes_before_usb_before_the_jack_before_hdmi(tmp_path):
    found = system(tmp_path)
    order = []
    while found:
        order.append(device(found))
        found = [card for card in found if card.device != order[-1]]
    assert order == ["plughw:CARD=DAC", "plughw:CARD=Keys", "plughw:CARD=Headphones", "default:CARD=vc4hdmi0"]


def test_a_card_that_cannot_play_is_none(tmp_path):
    assert [card.name for card in system(tmp_path, playing=(4,))] == ["DAC"]
    assert cards(tmp_path / "nowhere") == []


def test_the_settings_choose(tmp_path):
    found = system(tmp_path)
    assert device(found, card="stage keys") == "plughw:CARD=Keys"
    with pytest.raises(NoSynthError, match=r"no sound card is called 'amp'.*Keys, DAC"):
        words(found, card="amp")
    assert words(found, on=False) == []
    assert words([]) == []
    assert {"-z", "128"} <= set(words(found, frames=128))


def test_its_midi_port_is_open_and_known():
    said = words([Card("DAC", "")])
    assert "-n" not in said, "FluidSynth without MIDI input is silent"
    assert "midi.alsa_seq.id=sideman" in said
    assert is_fluidsynth("FLUID Synth (sideman):Synth input port")


def test_the_clock_comes_before_the_synth():
    said = words([Card("DAC", "")])
    priorities = [int(word.rpartition("=")[2]) for word in said if "realtime-prio" in word]
    assert len(priorities) == 2
    assert max(priorities) < Settings().service.realtime_priority
    off = command(Settings().with_value("service.realtime_priority", "0"), [Card("DAC", "")], "f", "p")
    assert "audio.realtime-prio=0" in off


def test_the_latency_is_what_the_settings_say():
    assert latency_ms(Settings().synth) == pytest.approx(10.67, abs=0.01)
    doc = Settings.__dataclass_fields__["synth"].default_factory.__dataclass_fields__["periods"].metadata["doc"]
    assert f"{latency_ms(Settings().synth):.1f} ms" in doc


def test_a_small_board_gets_the_small_font(tmp_path):
    big, small = tmp_path / "big.sf2", tmp_path / "small.sf2"
    big.write_bytes(b"x" * 100)
    small.write_bytes(b"x")
    memory = tmp_path / "meminfo"
    for kilobytes, wanted in ((4_000_000, big), (460_000, small)):
        memory.write_text(f"MemTotal:  {kilobytes} kB\n", encoding="ascii")
        assert font(Settings().synth, (str(big), str(small)), memory) == str(wanted)
    assert font(Settings().synth, (str(big), str(small)), tmp_path / "none") == str(big)
    with pytest.raises(NoSynthError, match="apt install fluid-soundfont-gm"):
        font(Settings().synth, (str(tmp_path / "no.sf2"),), memory)
    with pytest.raises(NoSynthError, match=r"synth\.font = .*no such file"):
        font(Settings().with_value("synth.font", str(tmp_path / "no.sf2")).synth)


def test_the_command_becomes_it(tmp_path, monkeypatch, capsys):
    became = []
    monkeypatch.setattr(synth_command, "cards", lambda: [Card("DAC", "")])
    monkeypatch.setattr(synth_command, "font", lambda _synth: "font.sf2")
    monkeypatch.setattr(synth_command, "program", lambda: "/usr/bin/fluidsynth")
    monkeypatch.setattr(synth_command.os, "execv", lambda path, said: became.append((path, said)))
    assert cli.main(["synth", "--print"]) == 0
    assert "10.7 ms" in capsys.readouterr().out
    assert became == []
    cli.main(["synth"])
    assert became[0][0] == became[0][1][0] == "/usr/bin/fluidsynth"
    monkeypatch.setattr(synth_command, "cards", list)
    assert cli.main(["synth"]) == 0
    assert "nothing to do" in capsys.readouterr().out


def test_what_is_missing_is_said(monkeypatch, capsys):
    monkeypatch.setattr(synth_command.shutil, "which", lambda _: None)
    monkeypatch.setattr(synth_command, "font", lambda _synth: "font.sf2")
    assert cli.main(["synth"]) == 1
    assert capsys.readouterr().err == "sideman synth: FluidSynth is not installed: apt install fluidsynth\n"


def test_fluidsynth_knows_every_option():
    if not Path("/usr/bin/fluidsynth").exists():
        pytest.skip("needs fluidsynth")
    said = words([Card("DAC", "")])
    known = subprocess.run(["fluidsynth", "-o", "help"], check=False, capture_output=True, text=True).stdout
    for word in said[said.index("-o") :]:
        if "=" in word:
            assert f"{word.partition('=')[0]} " in known, word


def test_the_mix_is_that_of_the_font_that_was_measured(tmp_path, monkeypatch):
    measured, small = tmp_path / "FluidR3_GM.sf2", tmp_path / "TimGM6mb.sf2"
    for file in (measured, small):
        file.touch()
    (tmp_path / "default-GM.sf2").symlink_to(measured)
    for name, balance in (("FluidR3_GM.sf2", "auto"), ("default-GM.sf2", "auto"), ("TimGM6mb.sf2", "off")):
        settings = Settings().with_value("synth.font", str(tmp_path / name))
        assert mixed(settings).levels.balance == balance
        for chosen in ("on", "off"):
            assert mixed(settings.with_value("levels.balance", chosen)).levels.balance == chosen
    monkeypatch.setattr(synth_command.font, "__defaults__", ((), tmp_path / "none"))
    assert mixed(Settings()).levels.balance == "auto"
