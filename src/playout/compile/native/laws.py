"""From words to numbers: thresholds, scores, and the quantile functions of `model/laws/quantile.py` as vector code.

Single precision loses nothing where it decides: a threshold is compared as a whole number of 2⁻³², and a quantile
function gets the uniform u and 1 − u apart, both exact to the last place of their own size.

Gamma and beta quantiles are looked up in a table for their shape. For the few shapes that have none, and Poisson counts
of means above 500, the reference engine's functions are asked, lane by lane where a lane needs one, through a callback:
the same numbers in both engines, and slow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from playout.compile.native.mathematics import call, table_name
from playout.compile.native.scores import score as single_score
from playout.compile.native.text import Code, Value

if TYPE_CHECKING:
    from playout.compile.native.emit import Emitter

Pair: TypeAlias = tuple[Value, Value]
UNIT = 2.0**-32
BELOW_ONE = {"float": 1.0 - 2.0**-24, "double": 1.0 - 2.0**-53}
POISSON_BY_SHORT_SEARCH, POISSON_BY_SEARCH = 12.0, 500.0

ASKED = ("gamma", "beta", "poisson")
"""Laws asked of the reference, by the number that the callback is given."""


def below(code: Code, word: Value, chance: Value) -> Value:
    """word · 2⁻³² < chance, exactly: word < ⌈chance · 2³²⌉ as whole numbers."""
    if chance.kind == "double":
        return word.convert("uitofp", "double") * UNIT < chance
    scaled = chance * 2.0**32
    certain = scaled >= 2.0**32
    possible = scaled > 0.0
    inside = scaled.where(possible, 0.0)
    inside = code.constant("float", 2.0**32 - 256).where(certain, inside)
    bound = code.intrinsic("ceil", inside).convert("fptoui", "i32")
    return certain | (possible & word.compare("ult", bound))


def open_uniform(code: Code, word: Value, kind: str) -> Value:
    """(word + ½) · 2⁻³²; in single precision rounded, but below 1."""
    u = code.fma(word.convert("uitofp", kind), UNIT, 0.5 * UNIT)
    if kind == "double":
        return u
    return u.where(u < BELOW_ONE[kind], BELOW_ONE[kind])


def uniform_pair(code: Code, word: Value, kind: str) -> Pair:
    """u and 1 − u of a word, each to its own last place."""
    return open_uniform(code, word, kind), open_uniform(code, ~word, kind)


def score(code: Code, word: Value, kind: str) -> Value:
    """The standard normal score: the sign from the top bit (set: negative), the tail from the other 31."""
    if kind == "float":
        return single_score(code, word)
    low = word & 0x7FFFFFFF
    p = (low.convert("sitofp", kind) + 0.5) * UNIT
    q = ((0x7FFFFFFF - low).convert("sitofp", kind) + 0.5) * UNIT
    size = call(code, "tail_score", p, q)
    return (-size).where(word < 0, size)


def log_of_uniform(code: Code, word: Value, kind: str) -> Value:
    """log u of a word's uniform u, exact to the last places also near 1."""
    u, v = uniform_pair(code, word, kind)
    if kind == "double":
        return call(code, "log", u)
    return call(code, "log1p_minus", v).where(word < 0, call(code, "log", u))


def _logit(code: Code, p: Value) -> Value:
    return call(code, "log", p / (1.0 - p))


def _two_piece(z: Value, low: Value, high: Value) -> Value:
    return z * low.where(z < 0.0, high)


def _triangular(code: Code, u: Pair, low: Value, mode: Value, high: Value) -> Value:
    width = high - low
    rising = low + code.intrinsic("sqrt", u[0] * width * (mode - low))
    falling = high - code.intrinsic("sqrt", u[1] * width * (high - mode))
    return rising.where(u[0] * width < mode - low, falling)


def _categorical(code: Code, u: Pair, *pairs: Value) -> Value:
    """Pairs p₁, v₁, p₂, v₂, …; the last takes what is left."""
    value, total = pairs[1], code.constant(pairs[0].kind, 0.0)
    for p, following in zip(pairs[0::2], pairs[3::2], strict=False):
        total = total + p
        value = following.where(u[0] > total, value)
    return value


_SCORES: dict[str, Callable[..., Value]] = {
    "normal": lambda code, z, mean, sd: code.fma(sd, z, mean),
    "lognormal": lambda code, z, median, sigma: median * call(code, "exp", sigma * z),
    "logitnormal": lambda code, z, m, sigma: call(code, "logistic", code.fma(sigma, z, _logit(code, m))),
    "two_piece_normal": lambda code, z, median, low, high: median + _two_piece(z, low, high),
    "two_piece_lognormal": lambda code, z, m, low, high: m * call(code, "exp", _two_piece(z, low, high)),
    "two_piece_logitnormal": lambda code, z, m, low, high: call(
        code, "logistic", _logit(code, m) + _two_piece(z, low, high)
    ),
}
_UNIFORMS: dict[str, Callable[..., Value]] = {
    "uniform": lambda code, u, low, high: code.fma(u[0], high - low, low),
    "triangular": _triangular,
    "exponential": lambda code, u, mean: -mean * call(code, "log", u[1]),
    "bernoulli": lambda code, u, p: code.constant(p.kind, 1.0).where(u[1] < p, 0.0),
    "categorical": _categorical,
    "point": lambda code, u, value: value,
    "score": lambda code, u: call(code, "ndtri", u[0]),
}


def quantile(
    emitter: Emitter, kind: str, argument: Pair, parameters: Sequence[Value], known: Sequence[float | None]
) -> Value:
    """A quantile function applied to a score (the pair's first) or to a uniform and its complement.

    known: the parameters that are numbers known when code is made.
    """
    code = emitter.code
    if kind in _SCORES:
        return _SCORES[kind](code, argument[0], *parameters)
    if kind in _UNIFORMS:
        return _UNIFORMS[kind](code, argument, *parameters)
    if kind == "poisson":
        (mean,) = parameters
        count = call(code, "poisson", argument[1], mean)
        for least, make in (
            (POISSON_BY_SHORT_SEARCH, lambda: call(code, "poisson_long", *argument, mean)),
            (POISSON_BY_SEARCH, lambda: ask(emitter, kind, argument[0], parameters)),
        ):
            large = mean > least
            count = code.lazily(code.any(large), mean.kind, make).where(large, count)
        return count
    if kind in ("gamma", "beta"):
        shapes = known if kind == "beta" else known[:1]
        table = None if None in shapes else table_name(kind, [shape for shape in shapes if shape is not None])
        if table is not None:
            value = call(code, table, _score_of(code, argument))
            return value if kind == "beta" else value * parameters[1]
    if kind in ASKED:
        return ask(emitter, kind, argument[0], parameters)
    raise NotImplementedError(f"the native engine has no code for the distribution {kind}")


def _score_of(code: Code, u: Pair) -> Value:
    """Φ⁻¹(u) of a uniform and its complement."""
    below = u[0] < u[1]
    p = u[0].where(below, u[1])
    size = call(code, "tail_score", p, 0.5 - p)
    return (-size).where(below, size)


def ask(emitter: Emitter, kind: str, argument: Value, parameters: Sequence[Value]) -> Value:
    """The reference's own quantile function, called with the lanes' numbers as doubles."""
    code = emitter.code
    count = 1 + len(parameters)
    wide = code.vector("double")
    memory = code.scalar(f"getelementptr i8, ptr %arena, i64 {emitter.header['asked']}")
    for place, value in enumerate((argument, *parameters)):
        full = value if value.kind == "double" else value.convert("fpext", "double")
        at = code.scalar(f"getelementptr {wide}, ptr {memory}, i64 {place + 1}")
        code.do(f"store {wide} {full.name}, ptr {at}, align 32")
    function = code.scalar(f"load ptr, ptr {emitter.pointer('arena', emitter.header['callback'])}, align 8")
    code.do(f"call void {function}(i32 {ASKED.index(kind)}, i32 {count}, ptr {memory})")
    answer = code.emit(f"load {wide}, ptr {memory}, align 32", "double")
    return answer if emitter.real == "double" else answer.convert("fptrunc", emitter.real)
