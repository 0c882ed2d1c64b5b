"""Random asks, and what must hold for every plan."""

from hypothesis import strategies as st

from sideman.band.finish import MIN_TICKS
from sideman.band.messages import PARTS, Ask, Knobs, Phrase
from sideman.music.chords import QUALITIES, Chord
from sideman.music.comping_styles import OF_STYLE
from sideman.music.harmony import ChordSpan
from sideman.music.meter import FRAME_TICKS, Meter, parse_meter
from sideman.music.notes import Note

METERS = tuple(
    parse_meter(text)
    for text in (
        "4/4",
        "3/4",
        "6/8",
        "12/8",
        "5/4",
        "7/8 2+2+3",
        "7/8 3+2+2",
        "9/8 2+2+2+3",
        "2/2",
        "11/16",
        "16/16",
        "2/4",
        "5/8",
    )
)
CHORDS = st.builds(Chord, st.integers(0, 11), st.sampled_from(sorted(QUALITIES)), st.none() | st.integers(0, 11))
KNOBS = st.builds(
    Knobs,
    key=st.sampled_from(("", "A min", "Eb maj")),
    temperature=st.floats(0, 1.5),
    style=st.sampled_from((*OF_STYLE, "unheard-of")),
    complexity=st.integers(0, 3),
    transpose=st.integers(-12, 12),
)


@st.composite
def lines(draw, frames):
    """Up to 40 notes in a number of frames, chords and overlaps and a pickup among them."""
    spots = draw(st.lists(st.integers(-480, max(0, frames * FRAME_TICKS - 1)), max_size=40))
    return tuple(
        sorted(
            Note(tick, draw(st.integers(1, 4000)), draw(st.integers(21, 108)), draw(st.integers(1, 127)))
            for tick in spots
        )
    )


@st.composite
def trades(draw):
    """An ask of mode trade with its phrase."""
    meter = draw(st.sampled_from(METERS))
    bars = draw(st.integers(1, 8))
    phrase = Phrase(draw(lines(bars * meter.bar_frames)), bars, meter, draw(st.floats(30, 300)))
    form = bars * meter.bar_frames
    origin = draw(st.integers(0, 40))
    start = origin + draw(st.integers(0, 3 * form))
    end = start + draw(st.integers(1, 2 * meter.bar_frames))
    bar_lines = [f for f in range(start, end + 1) if (f - origin) % meter.bar_frames == 0]
    at_bar = st.none() | st.sampled_from(bar_lines) if bar_lines else st.none()
    ask = Ask(
        id=draw(st.integers(0, 99)), seed=draw(st.integers(0, 2**31)), epoch=1, mode="trade", meter=meter,
        bpm=phrase.bpm, frame=max(0, start - 1), start=start, end=end, origin=origin, form_frames=form,
        phrase=draw(st.sampled_from((phrase, None))), solo=draw(st.booleans()), fill_to=draw(at_bar),
        ending=draw(at_bar), variation=draw(st.integers(0, 3)), knobs=draw(KNOBS),
        lineup=draw(st.sampled_from((PARTS, ("drums",), ("drums", "bass"), ("bass", "chords")))),
    )  # fmt: skip
    return ask, phrase, ()


@st.composite
def follows(draw):
    """An ask of mode follow with what was heard and the chords that stand."""
    meter = draw(st.sampled_from(METERS))
    now = draw(st.integers(0, 200))
    start = now + 1 + draw(st.integers(0, 16))
    heard = tuple(n for n in draw(lines(now + 1)) if n.tick < now * FRAME_TICKS)
    standing = []
    at = 0
    while at < start and draw(st.booleans()):
        frames = draw(st.integers(1, 32))
        standing.append(ChordSpan(at, frames, draw(CHORDS), 0.5))
        at += frames
    ask = Ask(
        id=1, seed=draw(st.integers(0, 2**31)), epoch=2, mode="follow", meter=meter, bpm=draw(st.floats(30, 300)),
        frame=now, start=start, end=start + draw(st.integers(0, 32)), heard=heard, heard_until=now,
        chords=tuple(standing), solo=draw(st.booleans()), held=draw(st.booleans()),
        form_frames=draw(st.sampled_from((0, 0, meter.bar_frames, 4 * meter.bar_frames))), knobs=draw(KNOBS),
    )  # fmt: skip
    return ask, None, heard


ANY = trades() | follows()


def check(ask, plan):
    """Whatever is asked, the plan can be played."""
    assert (plan.ask, plan.epoch, plan.start, plan.end) == (ask.id, ask.epoch, ask.start, ask.end)
    last = ask.end if ask.ending is None else min(ask.end, ask.ending + 1)
    low, high = ask.start * FRAME_TICKS - FRAME_TICKS // 2, last * FRAME_TICKS
    sounding = {}
    for note in plan.notes:
        assert note.part in ask.lineup
        assert low <= note.tick < high
        assert 1 <= note.velocity <= 127
        assert 0 <= note.pitch <= 127
        assert note.duration >= MIN_TICKS
        assert note.duration <= 2 * ask.meter.bar_ticks
        key = note.part, note.pitch
        assert sounding.get(key, low) <= note.tick
        sounding[key] = note.tick + note.duration
        if note.part == "bass":
            assert 28 <= note.pitch <= 55
        if note.part == "chords":
            assert 48 <= note.pitch <= 72
        if note.part == "solo":
            assert ask.solo
    assert [n.tick for n in plan.notes] == sorted(n.tick for n in plan.notes)
    for one, two in zip(plan.chords, plan.chords[1:], strict=False):
        assert one.onset + one.frames <= two.onset
    for span in ask.chords:  # chords that stand are not contradicted
        for frame in range(max(span.onset, ask.start), min(span.onset + span.frames, ask.end)):
            assert chord_at(plan.chords, frame) == span.chord


def chord_at(spans, frame):
    return next((s.chord for s in spans if s.onset <= frame < s.onset + s.frames), None)


def scale_line(meter: Meter, bars: int, pitches=(64, 67, 72, 71, 69, 72, 76, 74, 65, 69, 72, 74, 67, 71, 74, 71)):
    """A plain phrase: a note on every beat."""
    ticks = [bar * meter.bar_ticks + beat for bar in range(bars) for beat in meter.beats]
    return tuple(Note(tick, 600, pitches[i % len(pitches)], 90) for i, tick in enumerate(ticks))
