"""What a narrative is made of: dated sentences that point to what is behind them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from playout.present.narrate.voice import Voice
from playout.simulate.replay import Move

Kind = Literal["move", "decision", "event", "splinter", "measure", "question", "view", "belief", "stop"]


@dataclass(frozen=True, slots=True)
class Reference:
    """What is behind a sentence: a thing of the scenario, by name and member (labels with commas between them), and the
    step at which it is read in the future's course. A measure's is the last step of the period that is spoken of."""

    kind: Kind
    name: str
    member: str
    step: int

    def as_json(self) -> dict[str, Any]:
        """As plain data."""
        return {"kind": self.kind, "name": self.name, "member": self.member or None, "step": self.step}


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, the date it speaks of (of several, the last), and what is behind it, one reference at least."""

    date: dt.date
    text: str
    refs: tuple[Reference, ...]

    def as_json(self) -> dict[str, Any]:
        """As plain data."""
        return {"date": self.date.isoformat(), "text": self.text, "refs": [ref.as_json() for ref in self.refs]}


@dataclass(frozen=True, slots=True)
class Saying:
    """Something that could be told. weight: how much it matters; see `narrate`. say: the sentence, once it is known
    what has been said before it, so that names are shortened and months not repeated. lead: the move of the main track
    that it tells, if it tells one."""

    weight: float
    date: dt.date
    refs: tuple[Reference, ...]
    say: Callable[[Voice], str]
    lead: Move | None = None

    @property
    def step(self) -> int:
        """The last step that it speaks of."""
        return max(ref.step for ref in self.refs)

    @property
    def turn(self) -> int:
        """What comes first within a step: a stage is entered, then chosen in, then things happen."""
        return {"move": 0, "splinter": 1, "decision": 2, "event": 3}.get(self.refs[0].kind, 4)

    def said(self, voice: Voice) -> Sentence:
        """The sentence."""
        text = self.say(voice)
        voice.month = (self.date.year, self.date.month)
        return Sentence(self.date, text[:1].upper() + text[1:], self.refs)
