"""The native engine with every access watched: each load, store and gather of its machine code is held to the memory
that a call was given, the arena is full of what is no number, and canaries stand before and after it.
"""

from __future__ import annotations

import ctypes
import re
from itertools import count
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from playout.compile import ir
from playout.compile.engine import BLOCK
from playout.compile.native import engine as native
from playout.compile.native.frame import PARAMETERS
from playout.compile.native.kernel import Builder, Kernel
from playout.compile.native.target import Precision

CANARY = 4096
POISON = 0xFF
"""Bytes that are no number as a float or a double, -1 as an int, and true as a bool."""

_LOAD = re.compile(r"^  (%\S+) = load (?:volatile )?(.+?), ptr (\S+), align (\d+)$")
_STORE = re.compile(r"^  store (.+?) (splat \(.*?\)|\S+), ptr (\S+), align (\d+)$")
_GATHER = re.compile(r"^  (%\S+) = call (<\d+ x \S+?>) (@llvm\.masked\.gather\S+?)\((<(\d+) x ptr>) (\S+), (.*)\)$")
_MASK = re.compile(r"i32 \d+, <\d+ x i1> (splat \(i1 true\)|\S+),")
_CONSTANT = re.compile(r"^(@\S+) = internal constant \[(\d+) x (\S+)\]", re.MULTILINE)


def size(type_: str) -> int:
    """Bytes in memory of a type of LLVM's."""
    vector = re.fullmatch(r"<(\d+) x (.+)>", type_)
    if vector:
        return int(vector[1]) * size(vector[2])
    return {"float": 4, "double": 8, "ptr": 8}.get(type_) or -(-int(type_[1:]) // 8)


def guarded(text: str) -> str:
    """A module whose accesses ask `@within` for their address; one outside is counted and goes nowhere."""
    lines: list[str] = []
    fresh = count()

    def asked(pointer: str, bytes_: int, wanted: str = "true") -> str:
        name = f"%guard{next(fresh)}"
        lines.append(f"  {name} = call ptr @within(ptr {pointer}, i64 {bytes_}, i1 {wanted})")
        return name

    for line in text.splitlines():
        if (load := _LOAD.match(line)) is not None:
            name, type_, pointer, align = load.groups()
            lines.append(f"  {name} = load {type_}, ptr {asked(pointer, size(type_))}, align {align}")
        elif (store := _STORE.match(line)) is not None:
            type_, value, pointer, align = store.groups()
            lines.append(f"  store {type_} {value}, ptr {asked(pointer, size(type_))}, align {align}")
        elif (gather := _GATHER.match(line)) is not None:
            name, vector, function, pointers, lanes, places, rest = gather.groups()
            mask = _MASK.match(rest)
            assert mask is not None, line
            each, before = size(vector) // int(lanes), places
            for lane in range(int(lanes)):
                here, wanted, after = (f"%guard{next(fresh)}" for _ in range(3))
                lines.append(f"  {here} = extractelement {pointers} {places}, i64 {lane}")
                lines.append(f"  {wanted} = extractelement <{lanes} x i1> {mask[1]}, i64 {lane}")
                known = asked(here, each, wanted)
                lines.append(f"  {after} = insertelement {pointers} {before}, ptr {known}, i64 {lane}")
                before = after
            lines.append(f"  {name} = call {vector} {function}({pointers} {before}, {rest})")
        else:
            assert not re.search(r" load | store |masked\.(gather|scatter|load|store)\.\S*\(<\d+ x ptr> %", line), line
            lines.append(line)
    return "\n".join([*lines, _within(text)])


def _within(text: str) -> str:
    """The function that judges an address, and those that tell it what is allowed and how often it was not."""
    constants = []
    for number, (name, many, type_) in enumerate(_CONSTANT.findall(text)):
        end = int(many) * size(type_)
        constants.append(
            f"  %c{number} = ptrtoint ptr {name} to i64\n  %d{number} = add i64 %c{number}, {end}\n"
            f"  %e{number} = icmp uge i64 %a, %c{number}\n  %f{number} = icmp ule i64 %z, %d{number}\n"
            f"  %g{number} = and i1 %e{number}, %f{number}\n"
            f"  br i1 %g{number}, label %fine, label %after{number}\nafter{number}:\n"
        )
    last = f"after{len(constants) - 1}" if constants else "begin"
    return f"""
@allowed = internal global ptr null
@many = internal global i64 0
@outside = internal global i64 0
@nowhere = internal global [4096 x i8] zeroinitializer, align 64
define internal ptr @within(ptr %p, i64 %n, i1 %wanted) noinline {{
  br i1 %wanted, label %begin, label %fine
begin:
  %a = ptrtoint ptr %p to i64
  %z = add i64 %a, %n
{"".join(constants)}  %table = load ptr, ptr @allowed
  %regions = load i64, ptr @many
  br label %turn
turn:
  %k = phi i64 [0, %{last}], [%k1, %next]
  %more = icmp ult i64 %k, %regions
  br i1 %more, label %look, label %bad
look:
  %at = getelementptr [2 x i64], ptr %table, i64 %k
  %low = load i64, ptr %at
  %at1 = getelementptr i64, ptr %at, i64 1
  %high = load i64, ptr %at1
  %i = icmp uge i64 %a, %low
  %j = icmp ule i64 %z, %high
  %in = and i1 %i, %j
  br i1 %in, label %fine, label %next
next:
  %k1 = add i64 %k, 1
  br label %turn
bad:
  %o = load i64, ptr @outside
  %o1 = add i64 %o, 1
  store i64 %o1, ptr @outside
  ret ptr @nowhere
fine:
  ret ptr %p
}}
define void @allow(ptr %table, i64 %count) {{
  store ptr %table, ptr @allowed
  store i64 %count, ptr @many
  ret void
}}
define void @accesses_outside(ptr %into) {{
  %o = load i64, ptr @outside
  store i64 %o, ptr %into
  ret void
}}
"""


class GuardedBuilder(Builder):
    """Writes kernels whose accesses are watched."""

    def build(self) -> Kernel:
        kernel = super().build()
        kernel.text = guarded(kernel.text)
        return kernel


class GuardedEngine(native.NativeEngine):
    """A native engine that fails at an access outside of what it was given, or at a change to a canary."""

    def __init__(self, program: ir.Program, precision: Precision = "double", lanes: int | None = None) -> None:
        with patch.object(native, "Builder", GuardedBuilder):
            super().__init__(program, precision, lanes)
        self._allow = self._loaded.function("allow", ctypes.c_void_p, ctypes.c_int64)
        self._outside = self._loaded.function("accesses_outside", ctypes.c_void_p)
        self._unwatched, self._play = self._play, self._watched
        self._whole: NDArray[np.uint8] | None = None

    def _arena(self) -> NDArray[np.uint8]:
        room = self.kernel.memory.layout.size
        if self._whole is None:
            raw = np.full(room + 2 * CANARY + 64, POISON, np.uint8)
            self._whole = raw[-raw.ctypes.data % 64 :][: room + 2 * CANARY]
            self._fill(self._whole[CANARY : CANARY + room])
        return self._whole[CANARY : CANARY + room]

    def _watched(self, address: int) -> None:
        """One call of the machine code, with what it may touch."""
        given = dict(zip(PARAMETERS, (ctypes.c_uint64 * len(PARAMETERS)).from_address(address), strict=True))
        memory, steps = self.kernel.memory, self.program.steps + 1
        sizes = {
            "arena": memory.layout.size, "beliefs": len(memory.belief_rows) * given["belief_stride"],
            "records": memory.records.count * BLOCK * 8, "totals": memory.total_rows * BLOCK * 8,
            "tallies": memory.tallies.count * steps * 8, "paths": memory.paths.count * steps * given["keep_stride"],
            "status": BLOCK * 4, "stopped": 2 * BLOCK * 4, "halt": 4,
        }  # fmt: skip
        regions = [(address, address + 8 * len(PARAMETERS))]
        regions += [(given[name], given[name] + room) for name, room in sizes.items()]
        table = np.array(regions, np.uint64)
        self._allow(table.ctypes.data, len(table))
        self._unwatched(address)

    def play(self, *arguments: Any, **named: Any) -> Any:
        block = super().play(*arguments, **named)
        assert self.accesses_outside() == 0
        assert self._whole is not None
        assert (self._whole[:CANARY] == POISON).all()
        assert (self._whole[-CANARY:] == POISON).all()
        return block

    def accesses_outside(self) -> int:
        """How many accesses fell outside, of all so far."""
        found = np.zeros(1, np.int64)
        self._outside(found.ctypes.data)
        return int(found[0])
