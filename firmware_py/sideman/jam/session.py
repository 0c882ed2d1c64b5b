"""Where the jam stands: one frozen value, so that a press can be taken back by putting the old value in place."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sideman.band.messages import Phrase
from sideman.jam.states import BandState, Ear, State, state_of
from sideman.music.harmony import ChordSpan


@dataclass(frozen=True, slots=True)
class Material:
    """A committed phrase and what the band made of it.

    Attributes:
        phrase: The phrase on its own beat time.
        confidence: How sure tempo and downbeat are, 0-1 (1 when tapped or fixed).
        other_bpm: Tempo of the other reading of the phrase where two are close (taps settle it), else None.
        form: The form's chords in frames from beat one; empty until the band has answered.
        key: Key as the band understood it.
        bars: Bars of the form that the player gave, 0 for the phrase's own.
        before: The form's chords as they sounded until now, while it is harmonised anew.
    """

    phrase: Phrase
    confidence: float = 1.0
    form: tuple[ChordSpan, ...] = ()
    key: str = ""
    bars: int = 0
    other_bpm: float | None = None
    before: tuple[ChordSpan, ...] = ()

    @property
    def frames(self) -> int:
        """Length of the form in 16ths: the given one unless the phrase is longer."""
        return max(self.phrase.bars, self.bars) * self.phrase.meter.bar_frames


@dataclass(frozen=True, slots=True)
class Session:
    """The state of the pedal table and what belongs to it.

    Attributes:
        menu: Page and item of the foot menu and the moment of the last press in it, None while it is closed.
        back: What the ear did before it was armed.
        listen_ns: Moment from which notes belong to the phrase, None until its first note.
        listen_tick: The same as a tick where the pulse is known (listening over the band).
        pulse: Whether the timeline's beats are the player's (a tempo is known).
        tapped: Tempo the player tapped for the next phrase, quarters a minute.
        material, undo, redo: The phrase that stands, older and undone ones (last is nearest).
        undone: The last change was an undo, so that the same gesture redoes it.
        epoch: Counts phrases; plans of another epoch are void.
        origin: Frame of the form's beat one while the band plays or is about to.
        one: ``follow``: frame of the bar line at which the player began: beat one of a form that he gives.
        entry: ``follow``: frame at which the band enters, None until the silence period has an end.
        ending: Frame of the final downbeat in ENDING.
        variation: How often NEW was asked for.
        fill_to: Frame of the bar line a drum fill leads to.
    """

    ear: Ear = Ear.OFF
    band: BandState = BandState.NONE
    menu: tuple[int, int, int] | None = None
    back: Ear = Ear.OFF
    listen_ns: int | None = None
    listen_tick: int | None = None
    pulse: bool = False
    tapped: float | None = None
    material: Material | None = None
    undo: tuple[Material | None, ...] = ()
    redo: tuple[Material | None, ...] = ()
    undone: bool = False
    epoch: int = 0
    origin: int = 0
    one: int | None = None
    entry: int | None = None
    ending: int | None = None
    variation: int = 0
    fill_to: int | None = None

    @property
    def state(self) -> State:
        """The row of the pedal table."""
        return state_of(self.ear, self.band, menu=self.menu is not None)

    @property
    def below_menu(self) -> State:
        """The row without the menu over it."""
        return state_of(self.ear, self.band, menu=False)

    @property
    def resting(self) -> BandState:
        """What the band is when it stops: ready if there is a phrase, none else."""
        return BandState.READY if self.material is not None else BandState.NONE

    def with_material(self, material: Material | None) -> Session:
        """A new phrase stands; the old one can be undone."""
        undo = (*self.undo, self.material)[-16:]
        return replace(self, material=material, undo=undo, redo=(), undone=False, epoch=self.epoch + 1, variation=0)
