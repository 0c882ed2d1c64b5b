"""What a foot can bring about: one function an effect, by the names that switches, keys and messages map to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sideman.band.messages import Phrase
from sideman.jam import menu, playing
from sideman.jam.core import Jam
from sideman.jam.modes import mode_of
from sideman.jam.phrase import TooShortError, free_phrase, known_phrase
from sideman.jam.session import Material, Session
from sideman.jam.settle import in_form
from sideman.jam.states import BandState, Ear
from sideman.jam.tap import tap
from sideman.music.meter import FRAME_TICKS

Effect = Callable[[Jam], None]
PAGE_NS = 4_000_000_000
"""How long the status page stands."""


def arm(jam: Jam) -> None:
    """Your turn: the next note starts the phrase."""
    s = jam.session
    if s.ear is not Ear.ARMED:
        jam.become(ear=Ear.ARMED, back=Ear.OFF, listen_ns=None, listen_tick=None)
        jam.recorder.mark(jam.now, "arm")
        jam.cue("listen")


def disarm(jam: Jam) -> None:
    """Back to what was before arming."""
    jam.become(ear=jam.session.back, listen_ns=None)


def disarm_start(jam: Jam) -> None:
    """Drop the arm and start what is there."""
    if jam.session.material is None:
        jam.say("PLAY A NOTE", refused=True)
        return
    disarm(jam)
    start(jam)


def discard(jam: Jam) -> None:
    """Forget what was heard since listening began; the earlier phrase is back."""
    jam.become(ear=Ear.OFF, listen_ns=None, listen_tick=None)
    jam.recorder.mark(jam.now, "discard")


def commit(jam: Jam) -> None:
    """The phrase is closed; the press is its closing downbeat."""
    s = jam.session
    start_ns = s.listen_ns if s.listen_ns is not None else jam.now
    played = jam.listener.between(start_ns, jam.now)
    try:
        material = known_phrase(jam, played, jam.now) if s.pulse else free_phrase(jam, played, jam.now)
    except TooShortError:
        jam.say("TOO SHORT", refused=True)
        jam.become(ear=Ear.ARMED, listen_ns=None)
        return
    first = jam.timeline.tick(played[0].ns)
    if s.pulse:
        jam.timeline.bar_zero = jam.timeline.nearest_bar_line(first)
    jam.session = replace(s.with_material(in_form(jam, material)), pulse=True, tapped=None)
    jam.phrase_known = -1
    jam.prepared = None
    jam.become(
        ear=Ear.OFF, band=BandState.READY, listen_ns=None, ending=None, origin=jam.timeline.bar_zero // FRAME_TICKS
    )
    if not material.phrase.notes and not material.phrase.key:
        jam.say("DRUMS ONLY")  # pads alone, and no key to play in
    jam.log(
        "commit",
        bpm=material.phrase.bpm,
        bars=material.phrase.bars,
        confidence=material.confidence,
        notes=len(material.phrase.notes),
    )
    jam.recorder.mark(jam.now, "commit")
    jam.recorder.meters.append((jam.timeline.bar_zero, str(jam.timeline.meter)))
    jam.timeline.use(jam.timeline.tick(jam.now))
    jam.schedule_frames()
    mode_of(jam).prepare(jam)


def commit_start(jam: Jam) -> None:
    """Close the phrase and let the band in on this downbeat."""
    commit(jam)
    if jam.session.band is BandState.READY:
        start(jam)


def start(jam: Jam) -> None:
    """Beat one."""
    if jam.session.material is None:
        jam.say("START FIRST", refused=True)
        return
    playing.start(jam)


def cancel_start(jam: Jam) -> None:
    """The count-in stops; the phrase stays."""
    playing.stop(jam, "stop")


def silence(jam: Jam) -> None:
    """Silence now."""
    playing.stop(jam, "stop")
    jam.recorder.mark(jam.now, "stop")


def end(jam: Jam) -> None:
    """The song ends on the next downbeat."""
    playing.end(jam)


def cancel_end(jam: Jam) -> None:
    """The song goes on."""
    playing.cancel_end(jam)


def listen_over(jam: Jam) -> None:
    """Listen from the downbeat on while the band plays."""
    line = jam.timeline.downbeat_for(jam.timeline.tick(jam.now))
    jam.become(
        ear=Ear.LISTENING, listen_tick=line, listen_ns=jam.timeline.ns(line - jam.timeline.meter.beat_ticks // 2)
    )
    jam.recorder.mark(jam.timeline.ns(line), "listen")
    jam.cue("listen", due_ns=jam.timeline.ns(line))
    mode_of(jam).replan(jam)  # the soloist makes room


def commit_over(jam: Jam) -> None:
    """A new phrase over the playing band: it takes over at the next bar line."""
    s = jam.session
    start_ns = s.listen_ns if s.listen_ns is not None else jam.now
    played = jam.listener.between(start_ns, jam.now)
    try:
        material = known_phrase(jam, played, jam.now, s.listen_tick)
    except TooShortError:
        jam.say("TOO SHORT", refused=True)
        discard(jam)  # not armed again: the next STOP must silence the band
        return
    jam.recorder.mark(jam.now, "commit")
    jam.log(
        "commit", bpm=material.phrase.bpm, bars=material.phrase.bars, confidence=1.0, notes=len(material.phrase.notes)
    )
    jam.become(ear=Ear.OFF, listen_ns=None, listen_tick=None)
    playing.swap(jam, jam.session.with_material(in_form(jam, material)), "new phrase")


def undo(jam: Jam) -> None:
    """Back one phrase; with none left the band stops and the box is IDLE."""
    s = jam.session
    if not s.undo:
        jam.say("NOTHING TO UNDO", refused=True)
        return
    other = replace(
        s, material=s.undo[-1], undo=s.undo[:-1], redo=(*s.redo, s.material), undone=True, epoch=s.epoch + 1
    )
    jam.say("UNDO")
    _put_back(jam, other, "undo")


def redo(jam: Jam) -> None:
    """Forward again."""
    s = jam.session
    if not s.redo:
        jam.say("NOTHING TO REDO", refused=True)
        return
    other = replace(
        s, material=s.redo[-1], redo=s.redo[:-1], undo=(*s.undo, s.material), undone=False, epoch=s.epoch + 1
    )
    jam.say("REDO")
    _put_back(jam, other, "undo")


def undo_redo(jam: Jam) -> None:
    """Undo; again: redo."""
    if jam.session.undone and jam.session.redo:
        redo(jam)
    else:
        undo(jam)


def _put_back(jam: Jam, other: Session, cause: str) -> None:
    if other.material is None:
        playing.stop(jam, cause)
        jam.session = replace(other, band=BandState.NONE, ear=Ear.OFF)
        jam.prepared = None
        jam.entered(jam.session.state.value)
    elif jam.playing:
        playing.swap(jam, other, cause)
    else:
        jam.session = replace(other, band=BandState.READY, ear=Ear.OFF)
        jam.prepared = None
        jam.phrase_known = -1
        jam.timeline.meter = other.material.phrase.meter
        jam.entered(jam.session.state.value)
        jam.schedule_frames()
        mode_of(jam).prepare(jam)


def recall(jam: Jam, phrase: Phrase) -> None:
    """A phrase of another day stands as if it had just been committed; nothing sounds."""
    if jam.session.material is not None or jam.session.band is not BandState.NONE:
        return
    jam.timeline.anchor(jam.now, phrase.bpm, phrase.meter)
    jam.session = replace(jam.session, material=in_form(jam, Material(phrase)), epoch=jam.session.epoch + 1)
    jam.become(band=BandState.READY)
    jam.schedule_frames()
    mode_of(jam).prepare(jam)


def new(jam: Jam) -> None:
    """Something new from the next bar on: another answer, other chords."""
    jam.say("NEW")
    if jam.live and jam.session.listen_ns is not None:
        jam.heard_sent_ns = jam.session.listen_ns  # other chords to all that was heard
    playing.swap(jam, replace(jam.session, variation=jam.session.variation + 1), "new phrase", same=True)


def fill(jam: Jam) -> None:
    """A drum fill at the end of the first bar that is not committed yet."""
    line = jam.timeline
    committed = jam.book.committed * FRAME_TICKS
    to = line.next_bar_line(max(committed, line.tick(jam.now)))
    jam.become(fill_to=to // FRAME_TICKS)
    jam.say("FILL")
    mode_of(jam).replan(jam)


def next_part(jam: Jam) -> None:
    """The next part of the song; there is one part only so far."""
    jam.say("ONE PART", refused=True)


def panic(jam: Jam) -> None:
    """All notes off on every port and channel; nothing is deleted."""
    jam.log("cut", cause="panic")
    jam.hush()
    jam.ports.out.panic()
    playing.stop(jam, "panic")
    jam.become(ear=Ear.OFF, menu=None, listen_ns=None)
    jam.say("ALL NOTES OFF")
    jam.recorder.mark(jam.now, "panic")


def status_page(jam: Jam) -> None:
    """Instrument, output and level for four seconds; an ending that still rings is silenced."""
    jam.hush()
    jam.page_until = jam.now + PAGE_NS
    jam.at(jam.page_until, "status")


def enter(jam: Jam) -> None:
    """``follow``: the band enters at the next downbeat, whatever is left of the silence period."""
    mode_of(jam).enter(jam)


def follow_again(jam: Jam) -> None:
    """``follow``: listen again, the held form is the memory."""
    mode_of(jam).follow_again(jam)


def forget_harmony(jam: Jam) -> None:
    """``follow``: forget the harmony, keep the tempo."""
    mode_of(jam).forget(jam)


def hold_form(jam: Jam) -> None:
    """``follow``: the form heard so far goes on."""
    mode_of(jam).hold(jam)


_PLAIN: dict[str, Effect] = {
    f.__name__: f
    for f in (
        arm,
        disarm,
        disarm_start,
        discard,
        commit,
        commit_start,
        start,
        cancel_start,
        silence,
        end,
        cancel_end,
        listen_over,
        commit_over,
        undo,
        redo,
        undo_redo,
        new,
        fill,
        next_part,
        panic,
        status_page,
        enter,
        follow_again,
        forget_harmony,
        hold_form,
        tap,
    )
}
EFFECTS: dict[str, Effect] = _PLAIN | {
    "menu": menu.open_menu,
    "menu_leave": menu.leave,
    "menu_next_item": menu.next_item,
    "menu_next_value": menu.next_value,
    "menu_previous_value": menu.previous_value,
}


def perform(jam: Jam, name: str) -> None:
    """Do one effect by name; ``refuse:WORDS`` shows the words."""
    if name.startswith("refuse:"):
        jam.say(name.partition(":")[2], refused=True)
        return
    jam.log("effect", name=name)
    EFFECTS[name](jam)
