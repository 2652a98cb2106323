"""The order of a phase's statements: what is shared gets an array, neighbours over the same members share a loop.

Longer than most modules: what is shared, where it is made and which loops it joins are found in one walk over a phase.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from playout.compile import ir
from playout.compile.cut import DEEPEST, LARGEST
from playout.compile.native.terms import Term, Terms, loads, own_axes, walk

Kind = Literal[
    "assign", "delay", "next", "check", "amount", "level", "tally", "record", "path", "product", "repeat",
    "revise", "change",
]  # fmt: skip

SHARED_FROM = 16
"""From this cost on, what two statements need is computed once and kept."""

INLINED_COST, INLINED_READS, INLINED_TO = 15, 1, 3
"""An array that costs no more, reads no more arrays of members and has no more readers moves into them."""

DEFERRED_FROM = 8
"""From this cost on, an array that is read under conditions alone moves into its readers."""

DEFERRED_TO = 2
"""Readers up to which a costly array read under conditions alone moves into them."""

GROUP_COST = 800
"""A group of statements is cut when it has come to this cost, so that functions stay small enough to compile fast."""

PRODUCT_FROM = 1024
"""Elements from which on a table times a vector is computed in tiles of rows."""


@dataclass(slots=True, eq=False)
class Statement:
    """Something computed over all members of some sets. ``target``: an array's name, or the number of a reading.
    ``number``: a delay's lag; of a product, the place of the axis summed over among the table's. The term of a
    ``repeat`` picks one value of a repetition. A ``revise`` changes ``source`` in place where any future holds
    ``guard``, and waits for the other readers of the array; a ``change`` gives a state its next value in place where
    any future holds ``guard``."""

    kind: Kind
    target: str | int
    term: Term
    sets: tuple[str, ...]
    number: int = 0
    guard: Term | None = None
    source: str = ""
    waits: list[Statement] = field(default_factory=list)

    @property
    def array(self) -> str | None:
        """The array of this phase that it makes."""
        return (
            self.target
            if self.kind in ("assign", "delay", "product", "repeat", "revise") and isinstance(self.target, str)
            else None
        )


@dataclass(slots=True, eq=False)
class Group:
    """Statements in one loop nest. ``stored``: the arrays that somebody else reads."""

    sets: tuple[str, ...]
    statements: list[Statement]
    stored: set[str] = field(default_factory=set)


def defer(terms: Terms, statements: list[Statement], later: set[str]) -> list[Statement]:
    """Move costly arrays that are read under conditions alone into their readers, where they are computed only if some
    future needs them: an option's value where a decision is due, a hazard's rate where its stage stands.

    ``later``: arrays read when all is done, which stay.
    """
    readers = _readers(statements)
    gone: set[Statement] = set()
    for statement in reversed(statements):
        name = statement.array
        if statement.kind != "assign" or name is None or name in later or statement.term.cost < DEFERRED_FROM:
            continue
        using = readers.get(name, set())
        if not 0 < _places(using) <= DEFERRED_TO or any(name in _unconditional(terms, r.term) for r in using):
            continue
        if any(not set(reader.sets) <= set(statement.sets) for reader in using):
            continue  # it would be computed anew for members that share it
        uses = [load for r in using for load in loads(r.term) if load.fields[0] == name]
        if all(load.at_own_axes() for load in uses) and _move(terms, statement, name, readers):
            gone.add(statement)
    return [s for s in statements if s not in gone]


def inline(terms: Terms, statements: list[Statement], later: set[str]) -> list[Statement]:
    """Move cheap arrays into their few readers: computing them anew costs less than keeping them in memory.

    ``later``: arrays read when all is done, which stay.
    """
    readers = _readers(statements)
    gone: set[Statement] = set()
    for statement in statements:
        name, using = statement.array, readers.get(str(statement.target), set())
        if (
            statement.kind != "assign"
            or name is None
            or name in later
            or not statement.sets
            or not _is_cheap(statement.term)
        ):
            continue
        uses = [load for r in using for load in loads(r.term) if load.fields[0] == name]
        if not 0 < _places(using) <= INLINED_TO or not all(load.at_own_axes() for load in uses):
            continue
        if _move(terms, statement, name, readers):
            gone.add(statement)
    return [s for s in statements if s not in gone]


def _readers(statements: list[Statement]) -> dict[str, set[Statement]]:
    """By array, the statements that read it."""
    readers: dict[str, set[Statement]] = {}
    for statement in statements:
        for load in loads(statement.term):
            readers.setdefault(load.fields[0], set()).add(statement)
    return readers


def _places(readers: set[Statement]) -> int:
    """In how many places readers compute what they read: those that pick from one repetition do so in one."""
    return len({s.term.parts[0] if s.kind == "repeat" else s for s in readers})


def _move(terms: Terms, statement: Statement, name: str, readers: dict[str, set[Statement]]) -> bool:
    """Put a statement's term into those that read its array, who then read what it read; not where that would make one
    of them deeper or larger than expressions may be."""
    using = readers[name]
    moved = {reader: terms.replace(reader.term, {terms.load(name): statement.term}, {}) for reader in using}
    if any(term.depth > DEEPEST or term.size > LARGEST for term in moved.values()):
        return False
    for reader, term in moved.items():
        reader.term = term
    for load in loads(statement.term):
        readers[load.fields[0]] = (readers[load.fields[0]] - {statement}) | using
    return True


def _is_cheap(term: Term) -> bool:
    """Whether a term is a few operations on a member's own values."""
    found = [t for t, _ in walk(term, set())]
    read = [t for t in found if t.tag == "Load"]
    if any(t.tag not in ("Load", "Const", "Unary", "Binary", "Select") or t.cost > INLINED_COST for t in found):
        return False
    return sum(bool(t.axes) and t.type != "bool" for t in read) <= INLINED_READS and all(t.at_own_axes() for t in read)


def doubt(terms: Terms, statements: list[Statement]) -> None:
    """Compare a word with 1 − e⁻ˣ only where it is below x, which few are: the chance that something happens in a step
    is known only where it may have happened."""
    made = {s.array: s.term for s in statements if s.kind == "assign"}
    for statement in statements:
        doubted: dict[Term, Term] = {}
        for term, _ in walk(statement.term, set()):
            if term.tag == "Below":
                word, chance = term.parts
                known = made.get(chance.fields[0]) if chance.tag == "Load" and chance.at_own_axes() else chance
                most = None if known is None else _exponent(known)
                if most is not None:
                    limit = terms.make("Binary", ("mul",), (most, terms.make("Const", (_MORE.hex(), "real"))))
                    maybe = terms.make("Below", (), (word, limit))
                    doubted[term] = terms.make("Select", (), (maybe, term, terms.make("Const", ((0.0).hex(), "bool"))))
        if doubted:
            statement.term = terms.replace(statement.term, doubted, {})


_MORE = 1.001
"""More than what rounding can add to a chance."""


def _exponent(chance: Term) -> Term | None:
    """x where a chance is −expm1(−x)."""
    for operator in ("neg", "expm1", "neg"):
        if chance.tag != "Unary" or chance.fields[0] != operator:
            return None
        (chance,) = chance.parts
    return chance


def _unconditional(terms: Terms, root: Term) -> set[str]:
    """The arrays that a term reads whatever its conditions say."""
    found: set[str] = set()
    seen: set[Term] = set()
    waiting = [root]
    while waiting:
        term = waiting.pop()
        if term in seen:
            continue
        seen.add(term)
        if term.tag == "Load":
            found.add(term.fields[0])
        condition, guarded = term.guarded()
        if term.tag == "Repeat" and term.fields[3] > 1:  # what is moved into its turns would be computed in each
            waiting += term.below()
        elif term.tag == "Select" and not _is_usual(terms, term.parts[0]):
            waiting.append(term.parts[0])
        elif term.tag != "Select" and condition is not None:
            waiting += [part for part in term.below() if part not in guarded]
        else:
            waiting += term.below()
    return found


def _is_usual(terms: Terms, condition: Term) -> bool:
    """Whether a condition is one that mostly holds: a bool state alone, which says that a member is alive."""
    return condition.tag == "Load" and terms.arrays[condition.fields[0]].role == "state"


def share(terms: Terms, statements: list[Statement], role: str) -> list[Statement]:
    """Give every costly term that several statements need an array of its own."""
    _canonical_totals(terms, statements)
    parents: dict[Term, set[int]] = {}
    users: Counter[Term] = Counter()
    eager: set[Term] = set()
    for statement in statements:
        seen: set[Term] = set()
        parents.setdefault(statement.term, set()).add(id(statement))
        for term, lazy in walk(statement.term, seen):
            users[term] += 1
            if not lazy:
                eager.add(term)
            for below in term.below():
                parents.setdefault(below, set()).add(id(term))
    chosen: dict[Term, Term] = {}
    made: list[Statement] = []
    for term, count in users.items():
        if (
            count < 2
            or term.cost < SHARED_FROM
            or term.tag in ("Load", "Repeat")
            or term.type == "word"
            or len(parents[term]) < 2
        ):
            continue
        axes = tuple(sorted(term.axes))
        sets = tuple(a.set for a in axes)
        if term not in eager or axes != own_axes(sets) or not term.varies:
            continue
        name = f"shared {role} {len(made) + 1}"
        terms.arrays[name] = ir.Array(name, sets, term.type, "step")
        chosen[term] = terms.load(name)
        made.append(Statement("assign", name, term, sets))
    for statement in made:
        done: dict[Term, Term] = {}
        others = {t: load for t, load in chosen.items() if t is not statement.term}
        statement.term = terms.replace(statement.term, others, done)
    done = {}
    for statement in statements:
        statement.term = terms.replace(statement.term, chosen, done)
    return [*made, *statements]


def _canonical_totals(terms: Terms, statements: list[Statement]) -> None:
    """Totals over everybody get one spelling: their index variable is the first of its set."""
    renamed: dict[Term, Term] = {}
    for statement in statements:
        if statement.sets:
            for term, _ in walk(statement.term, set()):
                if term.tag == "Reduce" and not term.axes and term.cost >= SHARED_FROM and term not in renamed:
                    new = _first(terms, term)
                    if new is not term:
                        renamed[term] = new
    if not renamed:
        return
    # A renamed total would meet an index variable of the same name around it, so each gets an array of its own.
    made: dict[Term, Term] = {}
    fresh: list[Statement] = []
    for new in renamed.values():
        if new not in made:
            name = f"total {len(terms.arrays)}"
            terms.arrays[name] = ir.Array(name, (), new.type, "step")
            made[new] = terms.load(name)
            fresh.append(Statement("assign", name, new, ()))
    by = {old: made[new] for old, new in renamed.items()} | made
    done: dict[Term, Term] = {}
    for statement in statements:
        statement.term = terms.replace(statement.term, by, done)
    statements[:0] = fresh


def _first(terms: Terms, total: Term) -> Term:
    """A total with its index variable renamed to the first of its set, where that is free."""
    (operator, axis), (body,) = total.fields, total.parts
    first = ir.Axis(axis.set, 0)
    if axis == first or first in body.axes | body.bound:
        return total
    return terms.make("Reduce", (operator, first), (terms.rename(body, axis, first),))


def split_products(terms: Terms, statements: list[Statement], sizes: dict[str, int]) -> list[Statement]:
    """Sums of a large table's rows times a vector become statements of their own."""
    made: list[Statement] = []
    chosen: dict[Term, Term] = {}
    vectors: dict[Term, str] = {}
    for statement in statements:
        for term, _ in walk(statement.term, set()):
            if term in chosen:
                continue
            found = _product(terms, term, sizes)
            if found is None:
                continue
            table, vector = found
            place = table.index.index(term.fields[1])
            if vector.tag != "Load" or not isinstance(vector.index[0], ir.Axis) or len(vector.index) > 1:
                if vector not in vectors:
                    vectors[vector] = f"vector {len(vectors) + 1}"
                    (axis,) = vector.axes
                    terms.arrays[vectors[vector]] = ir.Array(vectors[vector], (axis.set,), "real", "step")
                    renamed = terms.rename(vector, axis, ir.Axis(axis.set, 0))
                    made.append(Statement("assign", vectors[vector], renamed, (axis.set,)))
                vector = terms.load(vectors[vector])
            (row,) = term.axes
            name = f"product {len(chosen) + 1}"
            terms.arrays[name] = ir.Array(name, (row.set,), "real", "step")
            chosen[term] = terms.make("Load", (name,), (), (row,))
            body = terms.make("Binary", ("mul",), (table, vector))
            made.append(Statement("product", name, body, (row.set,), place))
    done: dict[Term, Term] = {}
    for statement in statements:
        statement.term = terms.replace(statement.term, chosen, done)
    return [*made, *statements]


def split_repeats(terms: Terms, statements: list[Statement]) -> list[Statement]:
    """What a repetition comes to becomes arrays, so that all who need it share its turns."""
    made: list[Statement] = []
    chosen: dict[Term, Term] = {}
    for statement in statements:
        for term, _ in walk(statement.term, set()):
            if term.tag == "Picked" and term not in chosen:
                sets = tuple(axis.set for axis in sorted(term.axes))
                name = f"repeat {len(chosen) + 1}"
                terms.arrays[name] = ir.Array(name, sets, term.type, "step")
                chosen[term] = terms.load(name)
                made.append(Statement("repeat", name, term, sets))
    if made:
        done: dict[Term, Term] = {}
        for statement in statements:
            statement.term = terms.replace(statement.term, chosen, done)
    return [*made, *statements]


def _product(terms: Terms, term: Term, sizes: dict[str, int]) -> tuple[Term, Term] | None:
    """sum[r](table[o, r] · x[r]): the table, the same in all futures, and x; None for another sum or a small table."""
    if term.tag != "Reduce" or term.fields[0] != "sum" or len(term.axes) != 1:
        return None
    axis, (body,) = term.fields[1], term.parts
    if body.tag != "Binary" or body.fields[0] != "mul":
        return None
    for table, vector in (body.parts, body.parts[::-1]):
        if table.tag == "Load" and table.fields[0] in terms.uniform and len(table.index) == 2:
            places = set(table.index)
            large = sizes[axis.set] * sizes[next(iter(term.axes)).set] >= PRODUCT_FROM
            if large and places == {axis, *term.axes} and vector.axes == {axis} and vector.varies:
                return table, vector
    return None


def changes(terms: Terms, updates: Sequence[ir.Assign]) -> dict[str, Statement]:
    """The states that keep their value but where a bool of the step holds (a track is entered, a choice made): they are
    changed in place at the step's end, one loop for all that hang on the same bool, and have no second copy.

    Other states' next values may read them: those are computed before. Among the changes themselves a state is read
    only by those that hang on the same bool, member by member, which read before they write.
    """
    found: dict[str, Statement] = {}
    for update in updates:
        term, sets = terms.of(update.node), terms.arrays[update.array].sets
        own = terms.load(update.array)
        if term.tag != "Select" or term.parts[2] is not own:
            continue
        guard = next((c for c in _conjuncts(term.parts[0]) if _step_bool(terms, c, sets)), None)
        if guard is not None:
            found[update.array] = Statement("change", update.array, term, sets, guard=guard)
    while True:
        refused = set()
        for statement in found.values():
            for load in loads(statement.term):
                other = found.get(load.fields[0])
                if other is not None and (other.guard is not statement.guard or not load.at_own_axes()):
                    refused.add(load.fields[0])
        if not refused:
            return found
        found = {name: s for name, s in found.items() if name not in refused}


def _step_bool(terms: Terms, term: Term, sets: tuple[str, ...]) -> bool:
    """Whether a term is a bool array of the step at the axes of an array over these sets."""
    return (
        term.tag == "Load"
        and term.type == "bool"
        and terms.arrays[term.fields[0]].role == "step"
        and (term.index == own_axes(sets))
    )


def revise(terms: Terms, statements: list[Statement], later: set[str]) -> None:
    """Find arrays that are another one but for rare changes, all of them under conditions that hold for nobody in most
    steps (a splinter that happens, say): they become changes in place. ``later``: arrays read when all is done, which
    must keep their values."""
    maker = {s.array: s for s in statements if s.array is not None}
    readers: dict[str, list[Statement]] = {}
    for statement in statements:
        for load in loads(statement.term):
            readers.setdefault(load.fields[0], []).append(statement)
    for statement in statements:
        if statement.kind != "assign" or not statement.sets:
            continue
        guard, source = _rare_change(terms, statement.term)
        if guard is None or source not in maker or source in later or terms.arrays[source].sets != statement.sets:
            continue
        if terms.arrays[source].type != terms.arrays[str(statement.target)].type:
            continue
        others = list(dict.fromkeys(r for r in readers[source] if r is not statement))
        if any(_needs(reader, statement, maker) for reader in others):
            continue
        statement.kind, statement.guard, statement.source, statement.waits = "revise", guard, source, others


def _rare_change(terms: Terms, term: Term) -> tuple[Term | None, str]:
    """What a chain of choices that ends in an array at its own axes hangs on: a bool without axes, and the array."""
    guard: Term | None = None
    while term.tag == "Select":
        scalar = next((c for c in _conjuncts(term.parts[0]) if not c.axes and c.varies), None)
        if scalar is None:
            return None, ""
        guard = scalar if guard in (None, scalar) else terms.make("Binary", ("or",), (guard, scalar))
        term = term.parts[2]
    if guard is None or term.tag != "Load" or not term.at_own_axes():
        return None, ""
    return guard, term.fields[0]


def _conjuncts(term: Term) -> Iterator[Term]:
    if term.tag == "Binary" and term.fields[0] == "and":
        for part in term.parts:
            yield from _conjuncts(part)
    else:
        yield term


def _needs(statement: Statement, other: Statement, maker: dict[str, Statement]) -> bool:
    """Whether a statement comes after another, by what it reads or waits for."""
    seen: set[Statement] = set()
    waiting = [statement]
    while waiting:
        one = waiting.pop()
        if one is other:
            return True
        if one not in seen:
            seen.add(one)
            waiting += [maker[load.fields[0]] for load in loads(one.term) if load.fields[0] in maker]
            waiting += one.waits
    return False


def together(statements: Sequence[Statement]) -> list[Group]:
    """Changes that hang on the same bool, in one loop."""
    groups: dict[Term | None, Group] = {}
    for statement in statements:
        groups.setdefault(statement.guard, Group(statement.sets, [])).statements.append(statement)
    return list(groups.values())


def schedule(statements: Sequence[Statement], writes: set[str]) -> list[Group]:
    """Groups in an order in which everything stands before its readers. ``writes``: the arrays this phase makes."""
    reads: dict[Statement, list[tuple[str, bool]]] = {}
    for statement in statements:
        found = [(t.fields[0], t.at_own_axes()) for t in loads(statement.term) if t.fields[0] in writes]
        if statement.kind in ("product", "repeat", "revise"):
            found = [(name, False) for name, _ in found]
        reads[statement] = found
    lacks = {s: {name for name, _ in reads[s]} | {id(other) for other in s.waits} for s in statements}
    wanted: dict[str | int, list[Statement]] = {}
    for statement, missing in lacks.items():
        for one in missing:
            wanted.setdefault(one, []).append(statement)
    order = {statement: place for place, statement in enumerate(statements)}
    waiting: dict[tuple[str, ...], list[Statement]] = {}
    ready: dict[tuple[str, ...], list[Statement]] = {}
    for statement in statements:
        waiting.setdefault(statement.sets, []).append(statement)
        if not lacks[statement]:
            ready.setdefault(statement.sets, []).append(statement)
    done: set[str] = set()
    groups: list[Group] = []
    left = len(statements)
    while left:
        if not ready:
            raise NotImplementedError("the Program's statements wait for one another")
        for startable in ready.values():
            startable.sort(key=order.__getitem__)
        sets = max(ready, key=lambda s: (len(ready[s]) if s else 10**6, -order[ready[s][0]]))
        group = _fuse(waiting[sets], reads, done, sets, ready[sets])
        groups.append(group)
        taken = set(map(id, group.statements))
        left -= len(taken)
        waiting[sets] = [s for s in waiting[sets] if id(s) not in taken]
        there: list[str | int] = list(taken)
        for statement in group.statements:
            if statement.array is not None:
                there.append(statement.array)
                done.add(statement.array)
        for one in there:
            for statement in wanted.get(one, ()):
                if id(statement) not in taken:
                    lacks[statement].discard(one)
                    if not lacks[statement]:
                        ready.setdefault(statement.sets, []).append(statement)
        ready = {s: kept for s, found in ready.items() if (kept := [f for f in found if id(f) not in taken])}
    return groups


def _fuse(
    waiting: list[Statement],
    reads: dict[Statement, list[tuple[str, bool]]],
    done: set[str],
    sets: tuple[str, ...],
    ready: list[Statement],
) -> Group:
    """As many statements over the same sets as one loop nest can take."""
    for statement in ready:
        if statement.kind == "product":
            return Group(sets, [statement])
        if statement.kind == "repeat":
            (whole,) = statement.term.parts
            return Group(sets, [s for s in ready if s.kind == "repeat" and s.term.parts[0] is whole])
        if statement.kind == "revise":
            return Group(sets, [s for s in ready if s.kind == "revise" and s.guard is statement.guard])
    group = Group(sets, [])
    inside: set[str] = set()
    taken: set[int] = set()
    cost, grew = 0, True
    while grew and cost < GROUP_COST:
        grew = False
        for statement in waiting:
            if statement.sets != sets or id(statement) in taken or statement.kind in ("product", "repeat", "revise"):
                continue
            if all(name in done or (own and name in inside) for name, own in reads[statement]):
                group.statements.append(statement)
                taken.add(id(statement))
                cost += statement.term.cost
                grew = True
                if statement.array is not None:
                    inside.add(statement.array)
                if cost >= GROUP_COST:
                    break
    return group
