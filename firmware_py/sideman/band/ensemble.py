"""The whole band behind one call: loads its models, remembers what it heard, answers asks with plans.

The same code runs in the band's own process and, for the fast clock, in the caller's.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sideman.band.arrange import PLAY, part, plan_of
from sideman.band.context import Context
from sideman.band.drummer import levelled, prepare
from sideman.band.harmony import changes_for, standing_of
from sideman.band.messages import Alternative
from sideman.band.models import NO_MODELS, Models, Reading
from sideman.band.stopwatch import Stopwatch
from sideman.music.meter import FRAME_TICKS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from sideman.band.changes import Changes
    from sideman.band.messages import Ask, Part, PartNote, Phrase, Plan, Source
    from sideman.models.runtime import Backend
    from sideman.music.notes import Note

log = logging.getLogger(__name__)

FAMILIES = ("chords", "drums", "melody")
_MANY, _KEPT_BARS = 2048, 32
"""What is older than so many bars, or more than so many notes ago, is forgotten: an evening must not slow the band."""
_FAMILY: dict[Part, str] = {"drums": "drums", "solo": "melody", "chords": "chords"}
"""The network behind each part; the bassist has none."""


_CHORDAL: tuple[Part, ...] = ("bass", "chords")
"""Parts that play another chord otherwise."""


@dataclass
class Memory:
    """What the band knows of one epoch.

    Attributes:
        epoch: Number of the phrase.
        phrase: The committed phrase, once it was sent.
        heard: Notes heard so far, by onset and pitch: notes sent again are not doubled.
        tapped: The same of drum pads.
        harmony: Who found the chords that stand.
    """

    epoch: int = -1
    phrase: Phrase | None = None
    heard: dict[tuple[int, int], Note] = field(default_factory=dict)
    tapped: dict[tuple[int, int], Note] = field(default_factory=dict)
    harmony: Source = "rules"


class Ensemble:
    """Drummer, bassist, comper and soloist with the models that could be loaded.

    The same asks in the same order give the same plans (but for ``model_ms``): nothing random is kept, every choice
    is seeded by the ask. After a restart one ask with the phrase, or with all that was heard, brings everything back.

    Args:
        models_folder: Folder of the manifest; None takes the package's own.
        backend: TFLite runtime; None takes the installed one.
    """

    def __init__(self, models_folder: Path | None = None, backend: Backend | None = None) -> None:
        self._watch = Stopwatch()
        self._models, self._status = _loaded(models_folder, backend, self._watch)
        self._memory = Memory()
        self._answered: Context | None = None

    @property
    def models(self) -> tuple[tuple[str, str], ...]:
        """For each family ``ok``, or one sentence that says why its musician plays by rules."""
        return tuple(self._status.items())

    def forget(self) -> None:
        """Forget what was heard, as after a restart."""
        self._begin(-1)

    def answer(self, ask: Ask, *, early: Callable[[Plan], None] | None = None) -> Plan:
        """A plan for one ask. A musician that fails is replaced by its rules, in this answer and with a log line.

        Args:
            ask: The request.
            early: Called with the plan before other chords are looked for, where the ask wants them: they must not make
                the plan itself late. What is returned then is the plan with them, its work told already.
        """
        self._hear(ask)
        self._watch.reset()
        memory = self._memory
        heard = tuple(memory.heard[key] for key in sorted(memory.heard))
        changes = self._changes(ask, memory, heard)
        tapped = tuple(memory.tapped[key] for key in sorted(memory.tapped))
        context = Context.straight(ask, memory.phrase, heard, changes, self._models, tapped)
        sources: dict[Part, Source] = {}
        notes: list[PartNote] = []
        for name in PLAY:
            if name not in ask.lineup and name != "drums":
                continue
            played, sources[name] = self._part(name, ask, context)
            notes += played
            if name == "drums":
                context = context.with_drums(levelled(played, context))
        self._answered = context
        sources["chords"] = memory.harmony
        plan = plan_of(ask, context, notes, sources)
        plan = replace(plan, model_ms=self._watch.read())
        reading = self._reading(ask)
        if reading is None:
            return plan
        plan = replace(
            plan,
            commit_beats=reading.commit_beats,
            key_sure=round(reading.key_sure, 4),
            form_bars=reading.form_bars,
            surprise=None if reading.surprise is None else round(reading.surprise, 4),
        )
        if not ask.alternatives:
            return plan
        if early is not None:
            early(plan)
            plan = replace(plan, model_ms=())
        try:
            return replace(plan, alternatives=self._alternatives(ask, context, heard))
        except Exception:
            log.exception("no chords for what may be struck; the plan stands")
            return plan

    def prepare(self) -> None:
        """Make what the next plans will need, in the time after an answer; it changes none of them."""
        context, self._answered = self._answered, None
        if context is None:
            return
        try:
            prepare(context.ask, context)
        except Exception:
            log.exception("nothing could be prepared; it is made when it is needed")

    def _reading(self, ask: Ask) -> Reading | None:
        """What the chord network says of itself, where this plan is its own."""
        chords = self._models.chords
        if ask.mode != "follow" or ask.held or self._memory.harmony != "model" or chords is None:
            return None
        return chords.reading()

    def _alternatives(self, ask: Ask, context: Context, heard: tuple[Note, ...]) -> tuple[Alternative, ...]:
        """What chords and bass play instead, for each chord that what is struck on the first beat may call for."""
        chords = self._models.chords
        if chords is None:
            return ()
        main = context.changes.at(ask.start)
        out: list[Alternative] = []
        for classes, found in chords.alternatives(ask, heard, standing_of(ask)):
            changes = changes_for(ask, self._memory.phrase, heard, replace(self._models, chords=_Given(found)))
            if changes.at(ask.start) == main:
                continue
            other = replace(context, changes=changes)
            notes = [note for name in _CHORDAL if name in ask.lineup for note in self._part(name, ask, other)[0]]
            made = plan_of(ask, other, notes, {})
            out.append(Alternative(classes, made.chords, made.notes))
        return tuple(out)

    def _hear(self, ask: Ask) -> None:
        if ask.epoch != self._memory.epoch:
            self._begin(ask.epoch)
        if ask.phrase is not None:
            self._memory.phrase = ask.phrase
        since = ask.heard_until * FRAME_TICKS - _KEPT_BARS * ask.meter.bar_ticks
        for known, new in ((self._memory.heard, ask.heard), (self._memory.tapped, ask.taps)):
            known.update(((note.tick, note.pitch), note) for note in new)
            for key in [key for key in known if key[0] < since]:
                del known[key]
            for key in sorted(known)[: max(0, len(known) - _MANY)]:
                del known[key]

    def _begin(self, epoch: int) -> None:
        self._memory = Memory(epoch=epoch)
        self._answered = None
        if self._models.chords is not None:
            self._models.chords.forget()

    def _changes(self, ask: Ask, memory: Memory, heard: tuple[Note, ...]) -> Changes:
        self._watch.used.discard("chords")
        try:
            found = changes_for(ask, memory.phrase, heard, self._models)
        except Exception:
            log.exception("the chord model failed; the comper goes by rules")
            memory.harmony = "rules"
            return changes_for(ask, memory.phrase, heard, NO_MODELS)
        if "chords" in self._watch.used:
            memory.harmony = "model"
        elif not ask.chords:
            memory.harmony = "rules"
        return found

    def _part(self, name: Part, ask: Ask, context: Context) -> tuple[list[PartNote], Source]:
        family = _FAMILY.get(name, "")
        self._watch.used.discard(family)
        try:
            notes = part(name, ask, context)
        except Exception:
            log.exception("the part %s failed with its model; it goes by rules", name)
        else:
            return notes, "model" if family in self._watch.used else "rules"
        try:
            return part(name, ask, replace(context, models=NO_MODELS)), "rules"
        except Exception:
            log.exception("the part %s failed; it rests in this window", name)
            return [], "rules"


@dataclass(frozen=True)
class _Given:
    """A chord network whose answer is known."""

    changes: Changes

    def of_phrase(self, phrase: Phrase, ask: Ask) -> Changes:
        """Its answer."""
        del phrase, ask
        return self.changes

    def ahead(self, ask: Ask, heard: Sequence[Note], standing: Changes) -> Changes:
        """Its answer."""
        del ask, heard, standing
        return self.changes

    def reading(self) -> None:
        """It says nothing of itself."""

    def alternatives(self, ask: Ask, heard: Sequence[Note], standing: Changes) -> tuple[()]:
        """It has none."""
        del ask, heard, standing
        return ()

    def forget(self) -> None:
        """It remembers nothing."""


def _loaded(folder: Path | None, backend: Backend | None, watch: Stopwatch) -> tuple[Models, dict[str, str]]:
    """The models that pass their check, and what to say of each family."""
    status = dict.fromkeys(FAMILIES, "ok")
    found: dict[str, object] = {}
    for family in FAMILIES:
        try:
            from sideman.band import networks  # noqa: PLC0415 - NumPy only in a band that may use it

            found[family] = networks.opened(family, folder, backend, watch)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with a model, the band plays
            status[family] = str(error) or type(error).__name__
            log.warning("%s", status[family])
    return Models(**found), status  # type: ignore[arg-type] # networks.opened gives each family its own kind
