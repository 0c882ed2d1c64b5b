"""Starting, stopping, ending and swapping what the band plays."""

from __future__ import annotations

from dataclasses import replace

from sideman.band.harmony import parsed_key
from sideman.band.messages import Plan
from sideman.jam import naming
from sideman.jam.book import border, moved
from sideman.jam.core import Jam
from sideman.jam.modes import mode_of
from sideman.jam.session import Session
from sideman.jam.states import BandState, Ear
from sideman.music.meter import FRAME_TICKS, TICKS_PER_QUARTER
from sideman.music.tempo import NS_PER_MINUTE

JOIN_NS = 120_000_000
"""What was due this long before a late press still sounds with it."""
OTHER_TEMPO = 0.02
RITARD = (1.08, 1.18, 1.32, 1.5)
"""How much slower each quarter of a ritard's last bar is than the tempo; the last factor stays."""


def pulse_alive(jam: Jam) -> bool:
    """Whether the phrase's pulse is still being played: somebody played within the last two bars."""
    last, material = jam.listener.last_ns(), jam.session.material
    if not jam.session.pulse or jam.options.count_in or last is None:
        return False
    if material is not None and abs(jam.timeline.tempo.bpm / material.phrase.bpm - 1) > OTHER_TEMPO:
        return False  # a ritard has slowed it, or taps for the next phrase changed it
    bars_ns = round(2 * jam.meter.bar_ticks / TICKS_PER_QUARTER * NS_PER_MINUTE / jam.timeline.tempo.bpm)
    return jam.now - last < bars_ns


FOR_EVER = 1 << 60


def start(jam: Jam) -> None:
    """PLAY is beat one: join the downbeat of the pulse that is being played, else the press is the downbeat."""
    material = jam.session.material
    if material is None:
        return
    line = jam.timeline
    if pulse_alive(jam):
        press = line.tick(jam.now)
        origin_tick = line.downbeat_for(press)
        begin = max(press, border(origin_tick // FRAME_TICKS))
    else:
        begin = line.anchor(jam.now, material.phrase.bpm, material.phrase.meter)
        origin_tick = begin + jam.options.count_in * line.meter.bar_ticks
    origin = origin_tick // FRAME_TICKS
    jam.book.clear(origin)
    jam.sources.clear()
    prepared, jam.prepared = jam.prepared, None
    band = BandState.COUNT_IN if jam.options.count_in else BandState.PLAYING
    jam.become(band=band, ear=Ear.OFF, origin=origin, entry=origin, ending=None, pulse=True, listen_ns=None)
    jam.recorder.mark(jam.now, "play")
    jam.cue("prepare_play", due_ns=line.ns(origin_tick))
    if prepared is not None and prepared.epoch == jam.session.epoch:
        plan = moved(prepared, origin - prepared.start)
        jam.book.merge(plan)
        heard = {note.part for note in plan.notes}
        jam.sources.update((part, by) for part, by in plan.sources if part in heard)
    mode_of(jam).start(jam)
    jam.ensure(origin + jam.meter.bar_frames, solo=mode_of(jam).solo_at(jam, origin))
    _join_late(jam, begin)
    jam.enter(begin)
    for frame in range(max(origin, begin // FRAME_TICKS), jam.frame):
        span = jam.book.chord_at(frame)
        jam.recorder.harmony(frame, naming.label(jam, span.chord) if span is not None else "")


def _join_late(jam: Jam, begin: int) -> None:
    """Joining a bar under way: what was due a moment ago still sounds now, bass and chords even later.

    A press that is a little late is on the beat to every ear; the kick of beat one must not be missing for it.
    """
    origin = border(jam.session.origin)
    if begin <= origin:
        return
    line = jam.timeline
    now = max(origin, line.tick(line.ns(begin) - JOIN_NS))
    for note in [n for n in jam.book.notes if n.tick < begin]:
        jam.book.notes.remove(note)
        rest = note.tick + note.duration - begin
        if note.tick >= now or (note.part in ("bass", "chords") and rest >= FRAME_TICKS):
            jam.book.add(replace(note, tick=begin, duration=max(rest, FRAME_TICKS // 2)))


def join_form(jam: Jam, plan: Plan) -> None:
    """The form's chords have come while drums alone played: bass and chords join on the next beat, ringing ones too."""
    now = max(border(jam.book.committed), jam.window)
    beat = _next_beat(jam, -(-now // FRAME_TICKS))
    low, begin = border(beat), beat * FRAME_TICKS
    for note in [n for n in jam.book.notes if n.part in ("bass", "chords") and now <= n.tick < low]:
        jam.book.notes.remove(note)
    fresh = {n.part for n in plan.notes if low <= n.tick < begin + FRAME_TICKS // 2}
    ringing = [n for n in plan.notes if n.part in {"bass", "chords"} - fresh and n.tick < low]
    ringing = [n for n in ringing if n.tick + n.duration - begin >= FRAME_TICKS]
    for note in ringing:
        jam.book.add(replace(note, tick=begin, duration=note.tick + note.duration - begin))


def _next_beat(jam: Jam, frame: int) -> int:
    """The first beat of the meter in or after a frame."""
    meter = jam.meter
    bar, within = divmod(frame - jam.session.origin, meter.bar_frames)
    places = [tick // FRAME_TICKS for tick in meter.beats] + [meter.bar_frames]
    return jam.session.origin + bar * meter.bar_frames + next(place for place in places if place >= within)


def stop(jam: Jam, cause: str) -> None:
    """Silence now: every note of the band ends, nothing planned is left; the phrase stays."""
    mode_of(jam).stopped(jam)
    jam.drop_cues()
    jam.log("cut", cause=cause, notes=jam.book.drop_after(0))
    jam.hush()
    _rest(jam)
    jam.cue("stop")


def _rest(jam: Jam) -> None:
    """The band is silent, the ear closed; what stands is made ready for the next PLAY."""
    jam.pending.clear()
    jam.arrived.clear()
    jam.become(
        band=jam.session.resting, ear=Ear.OFF, ending=None, fill_to=None, listen_ns=None, listen_tick=None, entry=None
    )
    if jam.session.material is not None:
        jam.schedule_frames()
        mode_of(jam).prepare(jam)


def end(jam: Jam) -> None:
    """The song ends on the next downbeat; up to half a beat late, on the one just played."""
    line = jam.timeline
    now = line.tick(jam.now)
    final = line.downbeat_for(now)
    jam.recorder.mark(jam.now, "end")
    if final <= now and not _at_home(jam, final // FRAME_TICKS):
        final = line.next_bar_line(now + 1)
    if final <= now:
        cut_at(jam, now)
        finish(jam)
        return
    mode_of(jam).keep(jam)
    jam.become(band=BandState.ENDING, ear=Ear.OFF, ending=final // FRAME_TICKS, listen_ns=None, listen_tick=None)
    mode_of(jam).ask_final(jam, final // FRAME_TICKS)
    jam.cue("stop", (final - now) / line.meter.beat_ticks, line.ns(final))


def _at_home(jam: Jam, frame: int) -> bool:
    """Whether the chord just struck is the tonic (or nobody knows better): the song may end on it."""
    span, material = jam.book.chord_at(frame), jam.session.material
    key = parsed_key(material.key) if material is not None else None
    return span is None or key is None or span.chord.root == key[0]


def cut_at(jam: Jam, tick: int) -> None:
    """Cancel what has not begun; what sounds rings."""
    jam.heap = [i for i in jam.heap if not (i[3] == "on" and i[4][0] >= tick)]
    jam.retime()
    jam.log("cut", cause="stop", notes=jam.book.drop_after(tick // FRAME_TICKS + 1))


def cancel_end(jam: Jam) -> None:
    """The song goes on as if PLAY had not been pressed."""
    _tempo_back(jam)
    jam.become(band=BandState.PLAYING, ending=None)


def _tempo_back(jam: Jam) -> None:
    material = jam.session.material
    slowed = jam.options.ending == "ritard" and jam.session.ending is not None
    if slowed and material is not None and abs(jam.timeline.tempo.bpm - material.phrase.bpm) > 0.01:
        jam.timeline.tempo.change(jam.timeline.tick(jam.now), material.phrase.bpm)
        jam.retime()


def approach_ending(jam: Jam, frame: int) -> None:
    """What an ending does on its way: the ritard slows each quarter of the last bar."""
    ending = jam.session.ending
    material = jam.session.material
    if ending is None or jam.options.ending != "ritard" or frame >= ending:
        return
    left = ending - frame
    if left <= jam.meter.bar_frames and left % 4 == 0:
        base = material.phrase.bpm if material is not None else jam.options.bpm
        step = min(len(RITARD) - 1, max(0, len(RITARD) - left // 4))
        jam.timeline.tempo.change(frame * FRAME_TICKS, base / RITARD[step])
        jam.retime()


def last_tick(jam: Jam) -> int:
    """Tick up to which what was planned goes out: half a 16th before the final downbeat, for ever without an ending."""
    ending = jam.session.ending
    return FOR_EVER if ending is None else ending * FRAME_TICKS - FRAME_TICKS // 2


def reach_ending(jam: Jam, frame: int) -> None:
    """The final downbeat: the hit, and the end."""
    ending = jam.session.ending
    if ending is None or frame < ending:
        return
    jam.book.notes = [n for n in jam.book.notes if n.tick < last_tick(jam)]
    jam.log("cut", cause="stop", notes=jam.book.drop_after(ending))
    if jam.options.ending != "stop":
        jam.book.committed = jam.book.filled = ending
        final, jam.final = jam.final, None
        if final is not None and (final.start, final.epoch) == (ending, jam.session.epoch):
            jam.book.merge(final)
        else:
            jam.by_rules(ending, ending + 1, solo=mode_of(jam).solo_at(jam, ending - 1))
        ring = 2 * jam.meter.bar_ticks
        jam.book.notes = [replace(n, duration=min(n.duration, ring)) for n in jam.book.notes]
        jam.tell_ahead(jam.book.notes)
        for note in jam.book.take((ending + 1) * FRAME_TICKS):
            jam.schedule_note(note)
    finish(jam)


def finish(jam: Jam) -> None:
    """The song is over; the phrase stays."""
    mode_of(jam).stopped(jam)
    _rest(jam)
    jam.log("finished")


def swap(jam: Jam, session: Session, cause: str, *, same: bool = False) -> None:
    """Another phrase (or, ``same``, another version of this one) takes over at the next bar line."""
    line = jam.timeline
    frame = line.next_bar_line(line.tick(jam.now)) // FRAME_TICKS
    if frame < jam.frame:
        frame += jam.meter.bar_frames
    jam.log("cut", cause=cause, frame=frame, notes=jam.book.drop_after(frame))
    jam.pending.clear()
    jam.arrived.clear()
    jam.prepared = None
    jam.phrase_known = -1
    jam.session = replace(session, origin=session.origin if same else frame, epoch=jam.session.epoch + 1)
    jam.entered(jam.session.state.value)
    mode_of(jam).replan(jam)
