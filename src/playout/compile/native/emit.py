"""Terms → vector code: a total table from a term's tag to the instructions it stands for. What is not in it is refused.

Values are kept by term in scopes: what was computed before a loop or a branch is known within it, and what was computed
inside is forgotten when it ends. What does not change in a loop is computed before it.

Longer than most modules: the table, and the scopes, loops and addresses that all its entries share, are one thing.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from playout.compile import draws, ir
from playout.compile.ir import Axis
from playout.compile.native import laws
from playout.compile.native.layout import MOST_MEMBERS, Layout, Slot
from playout.compile.native.mathematics import call, quotient
from playout.compile.native.philox import call_entry_word
from playout.compile.native.terms import Place, Term, Terms, loads
from playout.compile.native.text import Code, Value

_RELATIONS = {"lt": "lt", "le": "le", "eq": "eq", "ieq": "eq", "ilt": "lt"}
_START = {
    "sum": 0.0, "prod": 1.0, "min": float("inf"), "max": float("-inf"), "any": 0, "all": 1, "imax": -(2**31),
    "argmax": float("-inf"),
}  # fmt: skip
_LOOK_FROM = 1000
"""Cycles from which on a turn of a loop begins with a look at whether to go on, which takes one or two."""

_TOGETHER = 5
"""Reductions in one loop: as many as their sums find registers."""
_OUTSIDE: dict[ir.Type, float] = {"real": float("nan"), "int": -1, "bool": 0}


class Emitter:
    """Writes one function. ``header`` says where in the arena single things lie, the layout where arrays do."""

    def __init__(self, terms: Terms, layout: Layout, header: dict[str, int], real: str, x86: int) -> None:
        self.terms, self.layout, self.header, self.real = terms, layout, header, real
        self.code = Code(layout.lanes, x86)
        self.code.start("entry")
        self.scopes: list[dict[Any, Any]] = [{}]
        self.counters: dict[Axis, str] = {}
        self.forward: dict[str, Value] = {}
        self._visits: dict[str, Callable[[Term], Value]] = {
            "Const": self._const, "Step": self._step, "Position": self._position, "Load": self._load,
            "Unary": self._unary, "Binary": self._binary, "Select": self._select, "Reduce": self._reduce,
            "Piecewise": self._piecewise, "Word": self._word, "Below": self._below, "Score": self._score,
            "Uniform": self._uniform, "Quantile": self._quantile,
            "Picked": self._picked,
        }  # fmt: skip

    # --- scopes ---

    def known(self, key: Any) -> Any:
        for scope in reversed(self.scopes):
            if key in scope:
                return scope[key]
        return None

    @contextmanager
    def scope(self) -> Iterator[None]:
        self.scopes.append({})
        yield
        self.scopes.pop()

    def once(self, key: Any, make: Callable[[], Any]) -> Any:
        """What was made under a key, or make it now."""
        found = self.known(key)
        if found is None:
            found = self.scopes[-1][key] = make()
        return found

    def kind(self, type_: ir.Type) -> str:
        return {"real": self.real, "int": "i32", "word": "i32", "bool": "i1"}[type_]

    # --- loops ---

    def nest(self, axes: Sequence[Axis], roots: Sequence[Term], inner: Callable[[], None]) -> None:
        """Loops over the members of the axes, outermost first, around ``inner``, which computes the roots."""
        if not axes:
            inner()
            return
        self.hoist(roots)
        with self.code.loop(self.layout.sizes[axes[0].set]) as counter, self.scope():
            self.counters[axes[0]] = counter
            self.look_in(roots, axes[1:])
            self.nest(axes[1:], roots, inner)
            del self.counters[axes[0]]

    def look(self) -> None:
        """Return from the function where a stop is wished."""
        at = self.header_scalar("halt", "ptr")
        word = self.code.scalar(f"load volatile i32, ptr {at}, align 4")
        self.code.leave(self.code.scalar(f"icmp ne i32 {word}, 0"))

    def look_in(self, roots: Sequence[Term], axes: Sequence[Axis] = ()) -> None:
        """Look where computing the roots over the members of the axes takes so long that a look costs nothing."""
        members = math.prod(self.layout.sizes[axis.set] for axis in axes)
        if members * sum(term.cost for term in roots) >= _LOOK_FROM:
            self.look()

    def hoist(self, roots: Sequence[Term]) -> None:
        """Compute now the parts that do not change in the loops still to come."""
        open_axes = frozenset(self.counters)
        for term in self._unguarded(roots, stop=lambda term: term.axes <= open_axes):
            if term.axes <= open_axes:
                self.value(term)

    def _unguarded(self, roots: Sequence[Term], stop: Callable[[Term], bool] = lambda _: False) -> Iterator[Term]:
        """The terms that are needed whatever any condition says and not known yet; not those below where to stop."""
        seen: set[Term] = set()
        waiting = list(reversed(roots))
        while waiting:
            term = waiting.pop()
            if term in seen or term.tag in ("Const", "Step", "Position") or self.known(term) is not None:
                continue
            seen.add(term)
            yield term
            if stop(term):
                continue
            condition, guarded = term.guarded()
            if condition is not None:
                waiting.append(condition)
            waiting += [part for part in term.below() if part not in guarded]

    def lazily(self, condition: Value, term: Term) -> Value:
        """A term's value where any lane holds the condition; zeros if none does."""
        known = self.known(term)
        if known is not None:
            found: Value = known
            return found

        def make() -> Value:
            with self.scope():
                return self.value(term)

        return self.code.lazily(self.code.any(condition), self.kind(term.type), make)

    # --- values ---

    def value(self, term: Term) -> Value:
        """The vector of a term's values."""
        found = self.known(term)
        if found is None:
            visit = self._visits.get(term.tag)
            if visit is None:
                raise NotImplementedError(f"the native engine has no code for {term.tag}")
            found = visit(term)
            self.scopes[-1][term] = found
        result: Value = found
        return result

    def real_constant(self, value: float) -> Value:
        return self.code.constant(self.real, value)

    def _const(self, term: Term) -> Value:
        return self.code.constant(self.kind(term.type), float.fromhex(term.fields[0]))

    def _step(self, term: Term) -> Value:
        return self.code.splat("%step", "i32")

    def _position(self, term: Term) -> Value:
        counter = self.counters[term.fields[0]]
        narrow = self.code.scalar(f"trunc i64 {counter} to i32")
        return self.code.splat(narrow, "i32")

    # --- memory ---

    def scaled(self, counter: str, factor: int) -> str:
        """counter × factor, as an i64."""
        if factor == 1:
            return counter
        made: str = self.once((counter, factor), lambda: self.code.scalar(f"mul nuw nsw i64 {counter}, {factor}"))
        return made

    def flat(self, sets: tuple[str, ...], index: Sequence[Place], stride: int) -> tuple[list[str], int]:
        """Bytes from an array's start: scalars to add, and a known number. Computed indexes are left out."""
        known, moving = 0, []
        for place, step in zip(index, self.layout.strides(sets), strict=True):
            if isinstance(place, Axis):
                moving.append(self.scaled(self.counters[place], step * stride))
            elif isinstance(place, int):
                known += place * step * stride
        return moving, known

    def pointer(self, base: str, offset: int, moving: Sequence[str] = ()) -> str:
        """base + offset + what moves."""
        at = f"%{base}"
        for part in moving:
            at = self._moved(at, part)
        return self.code.scalar(f"getelementptr i8, ptr {at}, i64 {offset}")

    def _moved(self, at: str, part: str) -> str:
        made: str = self.once(("at", at, part), lambda: self.code.scalar(f"getelementptr i8, ptr {at}, i64 {part}"))
        return made

    def own_pointer(self, slot: Slot, sets: tuple[str, ...], index: Sequence[Place], base: str | None = None) -> str:
        moving, known = self.flat(sets, index, slot.stride)
        return self.pointer(base or slot.base, slot.offset + known, moving)

    def _load(self, term: Term) -> Value:
        (array,) = term.fields
        declared = self.terms.arrays[array]
        if any(isinstance(p, Term) for p in term.index):
            return self._gather(term, declared)
        if array in self.forward and term.at_own_axes():
            return self.forward[array]
        slot = self.layout.slots[array]
        pointer = self.own_pointer(slot, declared.sets, term.index)
        kind = self.kind(declared.type)
        return self.read_uniform(pointer, kind) if slot.uniform else self.code.read(pointer, kind)

    def read_uniform(self, pointer: str, kind: str) -> Value:
        """The number at an address, in every lane."""
        if kind == "i1":
            byte = self.code.scalar(f"load i8, ptr {pointer}, align 1")
            return self.code.splat(self.code.scalar(f"trunc i8 {byte} to i1"), "i1")
        return self.code.splat(self.code.scalar(f"load {kind}, ptr {pointer}, align 4"), kind)

    def _picks(self, sets: tuple[str, ...], index: Sequence[Place], kind: str = "i32") -> tuple[Value, Value]:
        """Computed indexes: which flat member each lane means beside the axes, as a whole number of a kind that holds
        it, and whether it is inside the set."""
        flat: Value | None = None
        good: Value | None = None
        for place, set_, step in zip(index, sets, self.layout.strides(sets), strict=True):
            if isinstance(place, Term):
                pick = self.value(place)
                inside = pick.compare("ult", self.layout.sizes[set_])
                pick = pick.where(inside, 0)
                pick = pick if kind == "i32" else pick.convert("sext", kind)
                part = pick * step if step != 1 else pick
                flat = part if flat is None else flat + part
                good = inside if good is None else good & inside
        assert flat is not None
        assert good is not None
        return flat, good

    def _gather(self, term: Term, declared: ir.Array) -> Value:
        """A load whose member is computed: each lane picks its own; outside the set, what `ir.Load` says."""
        code, slot, kind = self.code, self.layout.slots[declared.name], self.kind(declared.type)
        if kind == "i1":
            return self._gather_bits(term, declared, slot, *self._picks(declared.sets, term.index))
        numbers = self.layout.members(declared.sets) * (1 if slot.uniform else code.lanes)
        flat, good = self._picks(declared.sets, term.index, "i32" if numbers <= MOST_MEMBERS else "i64")
        pointer = self.own_pointer(slot, declared.sets, term.index)
        size = self.layout.real if kind == self.real else 4
        if not slot.uniform:
            lane = Value(code, f"<{', '.join(f'{flat.kind} {n}' for n in range(code.lanes))}>", flat.kind)
            flat = flat * code.lanes + lane
        wide = f"<{code.lanes} x ptr>"
        pointers = code.scalar(f"getelementptr {kind}, ptr {pointer}, {flat.type} {flat.name}")
        vector = code.vector(kind)
        outside = code.constant(kind, _OUTSIDE[declared.type])
        name = f"@llvm.masked.gather.v{code.lanes}{'f' if kind != 'i32' else 'i'}{size * 8}.v{code.lanes}p0"
        mask = good.type
        code.needs.add(f"declare {vector} {name}({wide}, i32, {mask}, {vector})")
        return code.emit(
            f"call {vector} {name}({wide} {pointers}, i32 {size}, {mask} {good.name}, {vector} {outside.name})", kind
        )

    def _gather_bits(self, term: Term, declared: ir.Array, slot: Slot, flat: Value, good: Value) -> Value:
        """Bools are masks: go through the members and take each lane's bit at its own."""
        code = self.code
        span = 1
        for place, set_ in zip(term.index, declared.sets, strict=True):
            span *= self.layout.sizes[set_] if isinstance(place, Term) else 1
        if sum(isinstance(p, Term) for p in term.index) != 1:
            raise NotImplementedError("a bool indexed by two computed members")
        (position,) = (n for n, p in enumerate(term.index) if isinstance(p, Term))
        step = self.layout.strides(declared.sets)[position]
        moving, known = self.flat(declared.sets, term.index, slot.stride)
        found = [code.constant("i1", 0)]
        with code.loop_with(span, found) as (counter, (so_far,), following):
            at = code.scalar(f"mul nuw nsw i64 {counter}, {step * slot.stride}")
            pointer = self.pointer(slot.base, slot.offset + known, [])
            for part in (*moving, at):
                pointer = code.scalar(f"getelementptr i8, ptr {pointer}, i64 {part}")
            bits = self.read_uniform(pointer, "i1") if slot.uniform else self.code.read(pointer, "i1")
            number = code.scalar(f"trunc i64 {counter} to i32")
            number = code.scalar(f"mul i32 {number}, {step}")
            here = flat.compare("eq", self.code.splat(number, "i32"))
            following([so_far | (here & bits)])
        return found[0] & good

    # --- operators ---

    def _unary(self, term: Term) -> Value:
        (operator,), (operand,) = term.fields, term.parts
        if operator == "log" and operand.tag == "Uniform":
            return laws.log_of_uniform(self.code, self.value(operand.parts[0]), self.real)
        x = self.value(operand)
        match operator:
            case "neg":
                return -x
            case "abs" | "sqrt":
                return self.code.intrinsic("fabs" if operator == "abs" else "sqrt", x)
            case "exp" | "expm1" | "log" | "logistic":
                return call(self.code, operator, x)
            case "not":
                return ~x
            case "real":
                return x.convert("sitofp", self.real)
            case "indicator":
                return self.real_constant(1.0).where(x, 0.0)
        raise NotImplementedError(f"the native engine has no code for {operator}")

    def _binary(self, term: Term) -> Value:
        operator = term.fields[0]
        left, right = term.parts
        if operator in ("add", "sub") and left is not right:
            return self._sum(operator, left, right)
        if operator == "pow" and right.tag == "Const" and float.fromhex(right.fields[0]) in (1.0, 2.0):
            x = self.value(left)
            return x * x if float.fromhex(right.fields[0]) == 2.0 else x
        if operator == "div" and right.tag == "Const":
            return quotient(self.code, self.value(left), float.fromhex(right.fields[0]))
        a, b = self.value(left), self.value(right)
        if operator in _RELATIONS:
            return a.compare(_RELATIONS[operator], b)
        match operator:
            case "add" | "iadd":
                return a + b
            case "sub" | "isub":
                return a - b
            case "mul":
                return a * b
            case "div":
                return a / b
            case "pow":
                return call(self.code, "pow", a, b)
            case "min" | "max":
                return self.extreme(operator, a, b)
            case "and":
                return a & b
            case "or":
                return a | b
        raise NotImplementedError(f"the native engine has no code for {operator}")

    def _sum(self, operator: str, left: Term, right: Term) -> Value:
        """a ± b, a product among them fused in."""

        def fusable(term: Term) -> bool:
            return term.tag == "Binary" and term.fields[0] == "mul" and self.known(term) is None

        if fusable(right):
            a = self.value(left)
            x, y = (self.value(p) for p in right.parts)
            return self.code.fma(x if operator == "add" else -x, y, a)
        if fusable(left):
            b = self.value(right)
            x, y = (self.value(p) for p in left.parts)
            return self.code.fma(x, y, b if operator == "add" else -b)
        a, b = self.value(left), self.value(right)
        return a + b if operator == "add" else a - b

    def extreme(self, operator: str, a: Value, b: Value) -> Value:
        """The smaller or larger; not a number where either is not."""
        better = "lt" if operator == "min" else "gt"
        if b.constant:  # then one comparison does: true where a is not a number
            return a.where(a.compare("u" + better, b), b)
        return a.where(a.compare(better, b) | a.compare("ne", a), b)

    def _select(self, term: Term) -> Value:
        condition, then, otherwise = term.parts
        chosen = self.value(condition)
        _, guarded = term.guarded()
        a = self.lazily(chosen, then) if then in guarded else self.value(then)
        b = self.lazily(~chosen, otherwise) if otherwise in guarded else self.value(otherwise)
        return a.where(chosen, b)

    def _piecewise(self, term: Term) -> Value:
        points, x = term.fields[0], self.value(term.parts[0])
        result = self.real_constant(points[0][1])
        for (x0, y0), (x1, y1) in itertools.pairwise(points):
            line = self.code.fma(x - x0, (y1 - y0) / (x1 - x0), y0)
            result = line.where(x >= x0, result)
        result = self.real_constant(points[-1][1]).where(x >= points[-1][0], result)
        return x.where(x.compare("ne", x), result)

    # --- reductions ---

    def _reduce(self, term: Term) -> Value:
        axis, (body,) = term.fields[1], term.parts
        if axis not in body.axes:
            return self._reduce_constant(term.fields[0], body, self.layout.sizes[axis.set])
        self._reduce_together([term])
        found: Value = self.known(term)
        return found

    def reduce_early(self, roots: Sequence[Term], pending: Container[str]) -> None:
        """Compute the roots' reductions now, those over the same members in one loop, so that their sums do not wait
        for themselves alone. Not those that read ``pending`` arrays."""
        ready: dict[Axis, list[Term]] = {}
        for term in self._unguarded(roots):
            if term.tag != "Reduce" or term.axes or term.fields[1] not in term.parts[0].axes:
                continue
            if not any(load.fields[0] in pending for load in loads(term)):
                ready.setdefault(term.fields[1], []).append(term)
        for terms in ready.values():
            for start in range(0, len(terms), _TOGETHER):
                self._reduce_together(terms[start : start + _TOGETHER])

    def _reduce_together(self, terms: Sequence[Term]) -> None:
        """Reductions over the same members in one loop."""
        axis: Axis = terms[0].fields[1]
        self.hoist([term.parts[0] for term in terms])
        carried: list[Value] = []
        for term in terms:
            carried.append(self.code.constant(self.kind(term.parts[0].type), _START[term.fields[0]]))
            if term.fields[0] == "argmax":
                carried.append(self.code.constant("i32", 0))
        with self.code.loop_with(self.layout.sizes[axis.set], carried) as (counter, current, following), self.scope():
            self.counters[axis] = counter
            self.look_in([term.parts[0] for term in terms])
            place = 0
            for term in terms:
                combined = self._combine(term.fields[0], term.parts[0], current[place:], counter)
                following(combined)
                place += len(combined)
            del self.counters[axis]
        place = -1
        for term in terms:
            place += 2 if term.fields[0] == "argmax" else 1
            self.scopes[-1][term] = carried[place]

    def _reduce_constant(self, operator: str, body: Term, size: int) -> Value:
        value = self.value(body)
        if operator == "sum":
            return value * float(size)
        if operator == "prod":
            return call(self.code, "pow", value, self.real_constant(float(size)))
        return self.code.constant("i32", 0) if operator == "argmax" else value

    def _combine(self, operator: str, body: Term, current: list[Value], counter: str) -> list[Value]:
        so_far = current[0]
        if operator == "sum" and body.tag == "Binary" and body.fields[0] == "mul" and self.known(body) is None:
            return [self.code.fma(self.value(body.parts[0]), self.value(body.parts[1]), so_far)]
        value = self.value(body)
        match operator:
            case "sum":
                return [so_far + value]
            case "prod":
                return [so_far * value]
            case "min" | "max":
                return [self.extreme(operator, so_far, value)]
            case "any":
                return [so_far | value]
            case "all":
                return [so_far & value]
            case "imax":
                return [value.where(value > so_far, so_far)]
            case "argmax":
                better = (value > so_far) | (value.compare("ne", value) & so_far.compare("eq", so_far))
                number = self.code.splat(self.code.scalar(f"trunc i64 {counter} to i32"), "i32")
                return [value.where(better, so_far), number.where(better, current[1])]
        raise NotImplementedError(f"the native engine has no code for the reduction {operator}")

    # --- repetitions ---

    def _repeat(self, term: Term) -> list[Value]:
        """All that is carried when no lane that wants it has a turn left. A lane that is done keeps what it has."""
        count, following, done, turns = term.fields
        starts, steps, wanted = term.parts[:count], term.parts[count:-1], self.value(term.parts[-1])
        types = [part.type for part in (*starts, *steps)]
        carried = [*(self.value(start) for start in starts), self.code.constant("i32", 0)]

        def more(current: list[Value]) -> Value:
            unfinished: Value = wanted & ~current[done] & (current[-1] < turns)
            return unfinished

        with self.code.repeat(carried, more) as (current, follow), self.scope():
            self.look_in(steps)
            at_hand: list[Value] = []
            for number, type_ in enumerate(types):
                at_hand.append(current[number] if number < count else self.value(steps[number - count]))
                self.scopes[-1][self.terms.make("Carried", (number, type_))] = at_hand[number]
            follow([old.where(current[done], at_hand[n]) for old, n in zip(current, following, strict=False)])
            follow([current[-1] + 1])
        return carried[:-1]

    def _picked(self, term: Term) -> Value:
        (whole,) = term.parts
        found: list[Value] = self.once(whole, lambda: self._repeat(whole))
        return found[int(term.fields[0])]

    # --- random words and laws ---

    def _word(self, term: Term) -> Value:
        stream, given, guarded = term.fields
        if not given:
            return self._step_word(term, stream)
        number, *rest = term.parts

        def draw() -> Value:
            return self._entry_word(stream, term.index, number)

        if not guarded:
            return draw()

        def make() -> Value:
            with self.scope():
                return draw()

        return self.code.lazily(self.code.any(self.value(rest[0])), "i32", make)

    def member(self, sets: tuple[str, ...], index: Sequence[Place]) -> Value:
        """The flat member an index means."""
        moving, known = self.flat(sets, index, 1)
        scalar = str(known)
        for part in moving:
            scalar = self.code.scalar(f"add i64 {scalar}, {part}")
        value = self.code.splat(self.code.scalar(f"trunc i64 {scalar} to i32"), "i32")
        if any(isinstance(p, Term) for p in index):
            value = value + self._picks(sets, index)[0]
        return value

    def header_vector(self, name: str) -> Value:
        """A vector that the arena's head holds."""
        made: Value = self.once(name, lambda: self.code.read(self.pointer("arena", self.header[name]), "i32"))
        return made

    def header_scalar(self, name: str, type_: str) -> str:
        """A scalar that the arena's head holds."""
        made: str = self.once(
            name, lambda: self.code.scalar(f"load {type_}, ptr {self.pointer('arena', self.header[name])}, align 4")
        )
        return made

    def key(self) -> tuple[Value, Value]:
        low, high = (self.code.splat(self.header_scalar(name, "i32"), "i32") for name in ("key 0", "key 1"))
        return low, high

    def _entry_word(self, stream: str, index: Sequence[Place], number: Term) -> Value:
        member = self.member(self.terms.program.streams[stream].sets, index)
        key = self.code.constant("i32", draws.stream_key(stream))
        return call_entry_word(self.code, self.header_vector("future"), self.key(), key, member, self.value(number))

    def _step_word(self, term: Term, stream: str) -> Value:
        sets = self.terms.program.streams[stream].sets
        width = self.layout.width("word")
        if any(isinstance(p, Term) for p in term.index):
            return self._entry_word(stream, term.index, self.terms.make("Step"))
        turn = self.once("turn", lambda: self.code.scalar("and i64 %wide_step, 3"))
        moving, known = self.flat(sets, term.index, width)
        words, whole = self.layout.words, len(self.layout.words.rows) * width
        first = words.offset + words.first[stream] * width + known
        return self.code.read(self.pointer("arena", first, [self.scaled(turn, whole), *moving]), "i32")

    def _below(self, term: Term) -> Value:
        word, chance = term.parts
        return laws.below(self.code, self.value(word), self.value(chance))

    def _score(self, term: Term) -> Value:
        return laws.score(self.code, self.value(term.parts[0]), self.real)

    def _uniform(self, term: Term) -> Value:
        return laws.open_uniform(self.code, self.value(term.parts[0]), self.real)

    def _quantile(self, term: Term) -> Value:
        kind, guarded = term.fields
        parts = list(term.parts)
        if not guarded:
            return self._law(kind, parts)
        condition = self.value(parts.pop())

        def make() -> Value:
            with self.scope():
                return self._law(kind, parts)

        return self.code.lazily(self.code.any(condition), self.real, make)

    def _law(self, kind: str, parts: list[Term]) -> Value:
        first, *parameters = parts
        values = [self.value(p) for p in parameters]
        if first.tag == "Uniform":
            word = self.value(first.parts[0])
            uniform = laws.uniform_pair(self.code, word, self.real)
        else:
            argument = self.value(first)
            uniform = (argument, 1.0 - argument)
        known = [float.fromhex(p.fields[0]) if p.tag == "Const" else None for p in parameters]
        return laws.quantile(self, kind, uniform, values, known)
