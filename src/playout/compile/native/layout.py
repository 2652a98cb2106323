"""Where everything lies in a thread's arena: one block of memory that holds a vector of futures and all it knows.

Addresses are bytes from the arena's start, in 64-byte steps. An array that varies holds one vector a member, one that
is the same in all futures one number a member; bools are bit masks, one bit a lane.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from playout.compile import ir
from playout.compile.draws import stream_key

ALIGN = 64

MOST_MEMBERS = 2**31 - 1
"""Members that an array may have: code counts them with 32-bit numbers. Where lanes beside members are more, it counts
with 64."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Memory of one array. ``base``: ``arena``, ``cur`` or ``next``; ``stride``: bytes from member to member."""

    base: str
    offset: int
    stride: int
    uniform: bool = False


@dataclass
class Words:
    """The words of four steps: a row for each member of each stream, four times over. ``rows``: a row's stream, by its
    key, and member; ``first``: a stream's first row; ``table``: where the rows' keys and members lie."""

    rows: list[tuple[int, int]] = field(default_factory=list)
    first: dict[str, int] = field(default_factory=dict)
    offset: int = 0
    table: int = 0


@dataclass
class Layout:
    """Hands out memory. ``size`` is what the arena needs, ``states`` what one copy of the states does."""

    lanes: int
    real: int  # bytes
    sizes: dict[str, int]
    size: int = 0
    states: int = 0
    state_base: int = 0
    slots: dict[str, Slot] = field(default_factory=dict)
    words: Words = field(default_factory=Words)
    _left: dict[int, list[int]] = field(default_factory=dict)

    def reserve(self, count: int) -> int:
        """So many bytes of the arena."""
        offset = self.size
        self.size += -(-count // ALIGN) * ALIGN
        return offset

    def width(self, type_: ir.Type) -> int:
        """Bytes of a vector of a type."""
        if type_ == "bool":
            return max(1, self.lanes // 8)
        return self.lanes * (self.real if type_ == "real" else 4)

    def members(self, sets: tuple[str, ...]) -> int:
        """How many members an array over these sets has."""
        count = math.prod(self.sizes[s] for s in sets)
        if count > MOST_MEMBERS:
            raise NotImplementedError(f"an array over {', '.join(sets)} has more members than 32 bits can count")
        return count

    def array(self, array: ir.Array, uniform: bool) -> Slot:
        """Memory for an array in the arena."""
        stride = {"real": self.real, "bool": 1}.get(array.type, 4) if uniform else self.width(array.type)
        count = stride * self.members(array.sets)
        left = self._left.get(count)
        slot = Slot("arena", left.pop() if left else self.reserve(count), stride, uniform)
        self.slots[array.name] = slot
        return slot

    def leave(self, array: ir.Array) -> None:
        """Let arrays that come later have this one's memory."""
        slot = self.slots[array.name]
        self._left.setdefault(slot.stride * self.members(array.sets), []).append(slot.offset)

    def state(self, array: ir.Array) -> None:
        """Memory for a state, in both of its copies."""
        stride = self.width(array.type)
        self.slots[array.name] = Slot("cur", self.states, stride)
        self.states += -(-stride * self.members(array.sets) // ALIGN) * ALIGN

    def place_states(self) -> None:
        """Give the two copies of the states their memory, once all states are known."""
        self.state_base = self.reserve(2 * self.states)

    def place_words(self, streams: Iterable[ir.Stream]) -> None:
        """Give the words of these streams, one a step, their memory."""
        words = self.words
        for stream in streams:
            words.first[stream.name] = len(words.rows)
            words.rows += [(stream_key(stream.name), member) for member in range(self.members(stream.sets))]
        words.offset = self.reserve(4 * len(words.rows) * self.width("word"))
        words.table = self.reserve(8 * len(words.rows))

    def strides(self, sets: tuple[str, ...]) -> list[int]:
        """How many members one step along each axis passes."""
        return [math.prod(self.sizes[s] for s in sets[place + 1 :]) for place in range(len(sets))]
