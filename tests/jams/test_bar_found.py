"""The whole program on even arpeggios: the bar is the player's within four bars of the entry."""

from sideman.service.jam_command import with_script
from sideman.service.jam_run import play_fast
from sideman.service.script import read_script
from sideman.service.settings import Settings
from sideman.sim.player import Performance
from tests.jams.kit import HERE, Kept


def test_even_arpeggios_get_their_bar_line():
    midi = HERE / "found" / "sustain.mid"
    script = read_script(HERE / "found" / "f_sustain.toml")
    run = play_fast(with_script(Settings(), script), script, midi, Kept(), models=None)
    line, performance = run.conductor.jam.timeline, Performance(midi)
    for bar in (8, 9, 10, 11, 12):
        ns = run.start_ns + round(script.start_s * 1e9) + performance.bar_beat_ns(f"{bar}.1")
        off = line.within(line.tick(ns))
        assert min(off, line.meter.bar_ticks - off) <= 240, bar
