"""A Program as text, for people who want to see what their scenario became."""

from __future__ import annotations

from playout.compile import ir

_INFIX = {
    "add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "**", "lt": "<", "le": "<=", "eq": "==",
    "iadd": "+", "isub": "-", "ieq": "==", "ilt": "<", "and": "and", "or": "or",
}  # fmt: skip


def show(node: ir.Node | ir.Axis | int) -> str:
    """One expression as text."""
    match node:
        case int() | ir.Axis():
            return str(node)
        case ir.Const(value, "bool"):
            return "true" if value else "false"
        case ir.Const(value):
            return f"{value:.12g}"
        case ir.Step():
            return "step"
        case ir.Position(axis):
            return f"position({axis})"
        case ir.Load(array, index):
            return array + (f"[{', '.join(map(show, index))}]" if index else "")
        case ir.Unary(operator, operand):
            return f"{operator}({show(operand)})"
        case ir.Binary(operator, left, right) if operator in _INFIX:
            return f"({show(left)} {_INFIX[operator]} {show(right)})"
        case ir.Binary(operator, left, right):
            return f"{operator}({show(left)}, {show(right)})"
        case ir.Select(condition, then, otherwise):
            return f"({show(then)} if {show(condition)} else {show(otherwise)})"
        case ir.Reduce(operator, axis, body):
            return f"{operator}[{axis}]({show(body)})"
        case ir.Piecewise(argument, points):
            return f"piecewise({show(argument)}, {[list(p) for p in points]})"
        case ir.Word(stream, index, number, where):
            parts = [*map(show, index), "step" if number is None else show(number)]
            return f"word<{stream}>({', '.join(parts)})" + (f" where {show(where)}" if where else "")
        case ir.Below(word, chance):
            return f"below({show(word)}, {show(chance)})"
        case ir.Score(word):
            return f"score({show(word)})"
        case ir.Uniform(word):
            return f"uniform({show(word)})"
        case ir.Quantile(kind, argument, parameters, _):
            return f"quantile<{kind}>({', '.join(map(show, (argument, *parameters)))})"
        case ir.Carried(place, _):
            return f"${place}"
        case ir.Repeat(starts, steps, following, done, turns, where, pick):
            given = ", ".join(map(show, starts))
            turn = "; ".join(f"${len(starts) + n} = {show(inner)}" for n, inner in enumerate(steps))
            kept = ", ".join(f"${n}" for n in following)
            limit = f"until ${done} or {turns} turns where {show(where)}"
            return f"repeat<{pick}>({given}; {turn}; {kept}) {limit}"


def show_program(program: ir.Program) -> str:
    """The whole program, phase by phase."""
    lines = [f"program {program.title!r}: {program.steps} steps of {program.days:g} days"]
    lines += [f"  set {name} = {', '.join(labels)}" for name, labels in program.labels.items()]
    for array in program.arrays.values():
        if array.role in ("table", "belief", "state"):
            lines.append(f"  {array.role} {array.name}{_over(array.sets)}: {array.type}")
    lines += [f"  stream {s.name}{_over(s.sets)} per {s.per}" for s in program.streams.values()]
    for phase in ("once", "initial", "step", "update"):
        lines.append(f"{phase}:")
        for assign in getattr(program, phase):
            array = program.arrays[assign.array]
            if isinstance(assign, ir.Delay):
                text = f"delay({show(assign.source)}, {assign.lag} steps)"
            else:
                text = show(assign.node)
            lines.append(f"  {array.name}{_over(array.sets)} = {text}")
    lines.append("checks:")
    lines += [f"  {c.low:g} <= {show(c.node)} <= {c.high:g}  # {c.name}" for c in program.checks]
    lines.append("series:")
    lines += [f"  {s.kind} {s.name}{_over(s.sets)} per {s.periods} = {show(s.node)}" for s in program.series]
    lines.append("records:")
    lines += [f"  {r.name}{_over(r.sets)} at {r.step} = {show(r.node)}" for r in program.records]
    lines.append("tallies:")
    lines += [f"  {t.name}{_over(t.sets)} in {', '.join(t.categories)} = {show(t.node)}" for t in program.tallies]
    return "\n".join(lines)


def _over(sets: tuple[str, ...]) -> str:
    return f"[{', '.join(sets)}]" if sets else ""
