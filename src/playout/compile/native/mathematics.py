"""Elementary functions over vectors, as LLVM functions of their own (one copy each; inlined, they would take seconds to
compile).

All are polynomials and rational functions in plain operations and explicit fused multiply-adds, so that they give the
same bits at any vector width and on any processor. Errors, in units in the last place of the result, over the whole
range (tests/compile/native/test_mathematics.py holds them):

    exp, log          1.5 single and double          expm1  2          logistic  3          sqrt  ½
    pow               0.6 single (through double); double 3 + 1.5 |y·ln x|
    ndtri, tail_score 6 single, 10 double, relative to the score or to 1e-3 where that is less (of words in single
                      precision scores.py makes them, to 4)
    gamma, beta       4 + 2 |ln x| single, where a beta's 1 − x counts like its x; double a relative 1e-11

Sources: Cephes (S. Moshier) for the single-precision logarithm; fdlibm (Sun Microsystems 1993) for the double one;
Taylor's series for exp; M. Wichura, The percentage points of the normal distribution, Applied Statistics 37 (1988),
algorithm AS 241, for the normal quantile.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache, partial

from playout.compile.native.text import Code, Operand, Value, literal
from playout.model.laws.table import LOWEST, Table, beta_table, gamma_table

_MANTISSA = {"float": 23, "double": 52}
_BIAS = {"float": 127, "double": 1023}
_INTEGER = {"float": "i32", "double": "i64"}
_LN2_HIGH = {"float": 0.693359375, "double": 6.93147180369123816490e-01}
_LN2_LOW = {"float": -2.12194440054690583e-4, "double": 1.90821492927058770002e-10}
_LOWEST_NORMAL = {"float": 2.0**-126, "double": 2.0**-1022}


def polynomial(code: Code, x: Value, coefficients: Sequence[Operand]) -> Value:
    """c₀ + c₁x + c₂x² + … by Horner's rule with fused multiply-adds."""
    total: Operand = coefficients[-1]
    for coefficient in reversed(coefficients[:-1]):
        total = code.fma(x, total, coefficient)
    assert isinstance(total, Value)
    return total


def _reduced(code: Code, x: Value) -> tuple[Value, Value, Value]:
    """x = k·ln 2 + r with |r| ≤ ln 2 / 2, and p = eʳ − 1: (k, r, p)."""
    kind = x.kind
    k = code.intrinsic("rint", x * (1.0 / math.log(2.0)))
    r = code.fma(-k, _LN2_HIGH[kind], x)
    r = code.fma(-k, _LN2_LOW[kind], r)
    terms = 8 if kind == "float" else 14
    tail = polynomial(code, r, [1.0 / math.factorial(n) for n in range(2, terms)])
    return k, r, code.fma(r * r, tail, r)


def _power_of_two(k: Value, kind: str) -> Value:
    """2ᵏ for an integer k (i32) in the normal range."""
    integer = _INTEGER[kind]
    wide = k if integer == "i32" else k.convert("sext", "i64")
    return ((wide + _BIAS[kind]) << _MANTISSA[kind]).convert("bitcast", kind)


def exp(code: Code, x: Value) -> Value:
    """eˣ; inf where it overflows, rounded once where it is subnormal."""
    low, high = (-104.0, 89.0) if x.kind == "float" else (-746.0, 710.0)
    x = code.constant(x.kind, high).where(x > high, x)
    x = code.constant(x.kind, low).where(x < low, x)
    k, _, p = _reduced(code, x)
    if code.x86 == 512:
        return _scaled(code, p + 1.0, k)
    whole = k.convert("fptosi", "i32")
    half = whole >> 1
    return (p + 1.0) * _power_of_two(half, x.kind) * _power_of_two(whole - half, x.kind)


def _scaled(code: Code, x: Value, k: Value) -> Value:
    """x · 2ᵏ for a whole number k, rounded once, by AVX-512's own instruction."""
    bits, letter = (32, "s") if x.kind == "float" else (64, "d")
    width = min(code.lanes, max(128, min(512, 32 * code.lanes)) // bits)  # no wider than the functions around it
    vector, mask = f"<{width} x {x.kind}>", f"i{max(8, width)}"
    name = f"@llvm.x86.avx512.mask.scalef.p{letter}.{width * bits}"
    rounding = ", i32" if width * bits == 512 else ""
    code.needs.add(f"declare {vector} {name}({vector}, {vector}, {vector}, {mask}{rounding})")

    def scaled(a: str, b: str) -> str:
        given = f"{vector} {a}, {vector} {b}, {vector} zeroinitializer, {mask} -1{rounding}{' 4' if rounding else ''}"
        return code.scalar(f"call {vector} {name}({given})")

    pairs = zip(code.parts(x, width), code.parts(k, width), strict=True)
    return code.joined([scaled(a, b) for a, b in pairs], x.kind)


def expm1(code: Code, x: Value) -> Value:
    """eˣ − 1, exact to the last places near 0."""
    high = 80.0 if x.kind == "float" else 700.0
    low = -30.0 if x.kind == "float" else -60.0
    clipped = code.constant(x.kind, high).where(x > high, x)
    clipped = code.constant(x.kind, low).where(clipped < low, clipped)
    k, _, p = _reduced(code, clipped)
    if code.x86 == 512:
        scale = _scaled(code, code.constant(x.kind, 1.0), k)
    else:
        scale = _power_of_two(k.convert("fptosi", "i32"), x.kind)
    near = code.fma(p, scale, scale - 1.0)
    return call(code, "exp", x).where(x > high, near)


def log(code: Code, x: Value) -> Value:
    """The natural logarithm: −inf at 0, NaN below."""
    kind, integer, mantissa = x.kind, _INTEGER[x.kind], _MANTISSA[x.kind]
    tiny = x < _LOWEST_NORMAL[kind]
    scaled = (x * 2.0 ** (mantissa + 2)).where(tiny, x)
    bits = scaled.convert("bitcast", integer)
    root_half = 0x3F3504F3 if kind == "float" else 0x3FE6A09E667F3BCD
    exponent = (bits - root_half) >> mantissa
    m = (bits - (exponent << mantissa)).convert("bitcast", kind)  # in [√½, √2)
    e = exponent.convert("sitofp", kind)
    e = (e - float(mantissa + 2)).where(tiny, e)
    f = m - 1.0
    value = _log_single(code, f, e) if kind == "float" else _log_double(code, f, e)
    value = x.where(x.compare("eq", math.inf), value)
    value = code.constant(kind, -math.inf).where(x.compare("eq", 0.0), value)
    bad = code.constant(kind, math.nan)
    return value.where(x >= 0.0, bad)


_LOG_SINGLE = (
    3.3333331174e-1,
    -2.4999993993e-1,
    2.0000714765e-1,
    -1.6668057665e-1,
    1.4249322787e-1,
    -1.2420140846e-1,
    1.1676998740e-1,
    -1.1514610310e-1,
    7.0376836292e-2,
)
_LOG_DOUBLE = (
    6.666666666666735130e-01,
    3.999999999940941908e-01,
    2.857142874366239149e-01,
    2.222219843214978396e-01,
    1.818357216161805012e-01,
    1.531383769920937332e-01,
    1.479819860511658591e-01,
)


def _log_single(code: Code, f: Value, e: Value) -> Value:
    z = f * f
    y = f * z * polynomial(code, f, _LOG_SINGLE)
    y = code.fma(e, _LN2_LOW["float"], y)
    y = code.fma(z, -0.5, y)
    return code.fma(e, _LN2_HIGH["float"], f + y)


def _log_double(code: Code, f: Value, e: Value) -> Value:
    s = f / (f + 2.0)
    t = s * s
    half = f * f * 0.5
    r = t * polynomial(code, t, _LOG_DOUBLE)
    low = code.fma(s, half + r, e * _LN2_LOW["double"])
    return code.fma(e, _LN2_HIGH["double"], f - (half - low))


def quotient(code: Code, x: Value, divisor: float) -> Value:
    """x / divisor for a number known when code is made: by its reciprocal, where that gives the same bits.

    1/divisor is kept as a number below it and the rest (Brisebarre, Muller & Raina, Accelerating correctly rounded
    floating-point division when the divisor is known in advance, 2004), which leaves a relative error near 2⁻⁴⁶ (in
    double 2⁻¹⁰⁴) before the one rounding that counts. A quotient by C · 2ⁿ, C odd, is at least 1/2C of its last place
    from where roundings part, so a C below 2²⁰ (2⁴⁹) is safe; by other numbers it divides. What is subnormal is rounded
    twice.
    """
    digits = _MANTISSA[x.kind] + 1
    fraction, _ = math.frexp(divisor)
    if not 2.0**-60 < abs(divisor) < 2.0**60 or not (fraction * 2.0 ** (digits - 4)).is_integer():
        return x / divisor
    exact = 1 / Fraction(divisor)
    unit = Fraction(2) ** (math.frexp(float(exact))[1] - digits)
    below = int(exact / unit) * unit  # towards 0: the rest has its sign, and an infinity stays one
    if below == exact:
        return x * float(below)
    return code.fma(x, float(below), x * float(exact - below))


def log1p_minus(code: Code, v: Value) -> Value:
    """log(1 − v) for v in [0, 1], exact to the last places near 0."""
    u = 1.0 - v
    correction = ((1.0 - u) - v) / u
    value = call(code, "log", u) + correction
    return value.where(u > 0.0, call(code, "log", u))


def logistic(code: Code, x: Value) -> Value:
    """1 / (1 + e⁻ˣ)."""
    e = call(code, "exp", -code.intrinsic("fabs", x))
    above = 1.0 / (e + 1.0)
    return (e * above).where(x < 0.0, above)


def power(code: Code, x: Value, y: Value) -> Value:
    """xʸ with the special values of C's pow."""
    kind = x.kind
    if kind == "double":
        a, b = x, y
        value = call(code, "exp", b * call(code, "log", code.intrinsic("fabs", a)))
    else:
        a, b = x.convert("fpext", "double"), y.convert("fpext", "double")
        value = _wide_power(code, code.intrinsic("fabs", a), b)
    whole = code.intrinsic("rint", b).compare("eq", b)
    half = b * 0.5
    odd = code.intrinsic("rint", half).compare("ne", half) & whole
    negative = a < 0.0
    value = (-value).where(negative & odd, value)
    value = code.constant("double", math.nan).where(negative & ~whole & (b.compare("eq", b)), value)
    value = a.where(b.compare("eq", 1.0), (a * a).where(b.compare("eq", 2.0), value))  # what events do, exactly
    one = code.constant("double", 1.0)
    value = one.where(b.compare("eq", 0.0) | a.compare("eq", 1.0), value)
    return value if kind == "double" else value.convert("fptrunc", "float")


def _wide_power(code: Code, x: Value, y: Value) -> Value:
    """xʸ in double for x ≥ 0 and y that come from single precision, with the 2⁻³² that they need: a logarithm to base 2
    by its series in (m − 1) / (m + 1), a power of 2 by Taylor's."""
    bits = x.convert("bitcast", "i64")
    exponent = (bits - 0x3FE6A09E667F3BCD) >> 52
    m = (bits - (exponent << 52)).convert("bitcast", "double")  # in [√½, √2)
    s = (m - 1.0) / (m + 1.0)
    t = s * s
    series = polynomial(code, t, [2.0 / (math.log(2.0) * (2 * n + 1)) for n in range(7)])
    product = y * code.fma(s, series, exponent.convert("trunc", "i32").convert("sitofp", "double"))
    product = code.constant("double", 300.0).where(product > 300.0, product)
    product = code.constant("double", -300.0).where(product < -300.0, product)
    k = code.intrinsic("rint", product)
    r = (product - k) * math.log(2.0)
    value = polynomial(code, r, [1.0 / math.factorial(n) for n in range(10)])
    value = value * _power_of_two(k.convert("fptosi", "i32"), "double")
    # x of 0 and of infinity have no logarithm above: the power is 0, or infinite, or 1.
    ends = x.compare("eq", 0.0) | x.compare("eq", math.inf)
    up = (x > 1.0) & (y > 0.0) | (x < 1.0) & (y < 0.0)
    end = code.constant("double", math.inf).where(up, 0.0)
    end = end.where(y.compare("eq", y), y)
    return x.where(x.compare("ne", x), end.where(ends, value))


_NDTRI = {
    "double": (
        (
            (3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
             4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3),
            (1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
             2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3),
        ),
        (
            (1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550, 3.64784832476320460504,
             1.27045825245236838258, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4),
            (1.0, 2.05319162663775882187, 1.67638483018380384940, 6.89767334985100004550e-1,
             1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494e-4, 1.05075007164441684324e-9),
        ),
        (
            (6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580, 2.96560571828504891230e-1,
             2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348758e-5, 2.01033439929228813265e-7),
            (1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
             7.86869131145613259100e-4, 1.84631831751005468e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15),
        ),
    ),
    "float": (
        ((3.3871327179, 50.434271938, 159.29113202, 59.109374720), (1.0, 17.895169469, 78.757757664, 67.187563600)),
        ((1.4234372777, 2.7568153900, 1.3067284816, 0.17023821103), (1.0, 0.73700164250, 0.12021132975)),
        ((6.6579051150, 3.0812263860, 0.42868294337, 0.017337203997), (1.0, 0.24197894225, 0.012258202635)),
    ),
}  # fmt: skip


def _ratio(code: Code, x: Value, parts: tuple[Sequence[float], Sequence[float]]) -> Value:
    return polynomial(code, x, parts[0]) / polynomial(code, x, parts[1])


def tail_score(code: Code, p: Value, q: Value) -> Value:
    """−Φ⁻¹(p) for a tail p in (0, ½], with q = ½ − p given apart so that neither end loses digits.

    For p of at least 2⁻³³, as words give it: two of the three pieces of AS 241.
    """
    centre, middle, _ = _NDTRI[p.kind]
    inner = q * _ratio(code, 0.180625 - q * q, centre)
    near = q <= 0.425
    beyond = code.any(~near)
    outer = code.lazily(beyond, p.kind, lambda: _ratio(code, _root(code, p) - 1.6, middle))
    return inner.where(near, outer)


def _root(code: Code, p: Value) -> Value:
    return code.intrinsic("sqrt", -call(code, "log", p))


def ndtri(code: Code, u: Value) -> Value:
    """Φ⁻¹(u); ±inf at the ends, NaN outside."""
    upper = u > 0.5
    p = (1.0 - u).where(upper, u)
    q = (u - 0.5).where(upper, 0.5 - u)
    centre, middle, far = _NDTRI[u.kind]
    inner = q * _ratio(code, 0.180625 - q * q, centre)
    root = _root(code, p)
    outer = _ratio(code, root - 1.6, middle).where(root <= 5.0, _ratio(code, root - 5.0, far))
    outer = root.where(p.compare("eq", 0.0), outer)
    size = inner.where(q <= 0.425, outer)
    size = size.where(p >= 0.0, code.constant(u.kind, math.nan))
    return size.where(upper, -size)


def poisson(code: Code, v: Value, mean: Value) -> Value:
    """The least count k with P(K > k) ≤ v: a Poisson number from a uniform's complement v, for means up to 12.

    Sequential search (Devroye 1986, X.3.3) from the top: the survival function is exact near 0, where small means put
    it, so that rare events keep their rate in single precision. A mean below 0 or not a number gives NaN.
    """
    kind = v.kind
    zero = code.constant(kind, 0.0)

    def search() -> Value:
        some = -call(code, "expm1", -mean)
        large = mean > 1.0
        none = code.lazily(code.any(large), kind, lambda: call(code, "exp", -mean)).where(large, 1.0 - some)
        state = [zero, none, some]

        def more(count: Value, _term: Value, left: Value) -> Value:
            return possible & (left > v) & (count < 128.0)

        with code.repeat(state, lambda c: more(*c)) as ((count, term, left), following):
            going = more(count, term, left)
            next_term = term * mean / (count + 1.0)
            following(
                [(count + 1.0).where(going, count), next_term.where(going, term), (left - next_term).where(going, left)]
            )
        return state[0]

    possible = mean > v  # the chance of any is below the mean
    found = code.lazily(code.any(possible), kind, search)
    return found.where(mean >= 0.0, code.constant(kind, math.nan))


def poisson_long(code: Code, u: Value, v: Value, mean: Value) -> Value:
    """`poisson` for means up to 500, from a uniform and its complement, the smaller of which decides; in double
    whatever they are. Means beyond give nothing of meaning."""
    kind = u.kind
    if kind == "float":
        u, v, mean = (x.convert("fpext", "double") for x in (u, v, mean))
    lower = u < v
    none = call(code, "exp", -mean)
    state = [code.constant("double", 0.0), none, none, 1.0 - none]

    def more(count: Value, _term: Value, total: Value, left: Value) -> Value:
        short = (total < u).where(lower, left > v)
        return short & (mean <= 500.0) & (count < 1000.0)

    with code.repeat(state, lambda c: more(*c)) as ((count, term, total, left), following):
        going = more(count, term, total, left)
        next_term = term * mean / (count + 1.0)
        changed = (count + 1.0, next_term, total + next_term, left - next_term)
        following([new.where(going, old) for new, old in zip(changed, (count, term, total, left), strict=True)])
    return state[0] if kind == "double" else state[0].convert("fptrunc", kind)


def table_name(law: str, shapes: Sequence[float]) -> str | None:
    """The function that gives a gamma (of scale 1) or beta quantile at a normal score; None where there is no table."""
    if _TABLES[law](*shapes) is None:
        return None
    return ".".join([law, *(struct.pack(">d", shape).hex() for shape in shapes)])


def _from_table(name: str, code: Code, z: Value) -> Value:
    """A table's polynomial, whose place within a piece is exact, brought back from the table's scale."""
    law, *bits = name.split(".")
    table = _TABLES[law](*(struct.unpack(">d", bytes.fromhex(each))[0] for each in bits))
    assert table is not None
    kind = z.kind
    numbers = ", ".join(f"{kind} {literal(kind, x)}" for x in table.rows.ravel())
    rows = f"@rows.{name}.{kind}"
    code.needs.add(f"{rows} = internal constant [{table.rows.size} x {kind}] [{numbers}], align 64")
    place = z * table.per
    piece = code.intrinsic("floor", place)
    least, most = LOWEST * table.per, LOWEST * table.per + len(table.rows) - 1.0
    piece = piece.where(piece >= least, least)
    piece = piece.where(piece <= most, most)
    row = (piece - least).convert("fptosi", "i32") * table.rows.shape[1]
    coefficients = [code.gather(rows, kind, row + column) for column in range(table.rows.shape[1])]
    x = place - piece - 0.5
    return call(code, {"log": "exp", "logit": "logistic"}[table.scale], polynomial(code, x, coefficients))


_TABLES: dict[str, Callable[..., Table | None]] = {"gamma": cache(gamma_table), "beta": cache(beta_table)}

Body = Callable[..., Value]

FUNCTIONS: dict[str, tuple[Body, int]] = {
    "exp": (exp, 1),
    "expm1": (expm1, 1),
    "log": (log, 1),
    "log1p_minus": (log1p_minus, 1),
    "logistic": (logistic, 1),
    "pow": (power, 2),
    "tail_score": (tail_score, 2),
    "ndtri": (ndtri, 1),
    "poisson": (poisson, 2),
    "poisson_long": (poisson_long, 3),
}


def call(code: Code, name: str, *arguments: Value) -> Value:
    """A call of one of these functions."""
    kind = arguments[0].kind
    vector = code.vector(kind)
    code.needs.add(f"function {name} {kind}")
    given = ", ".join(f"{vector} {a.name}" for a in arguments)
    return code.emit(f"call {vector} @{name}.{kind}({given})", kind)


def library(needs: set[str], lanes: int, x86: int) -> tuple[list[str], set[str]]:
    """The text of all functions needed, and the declarations that they and their callers want. ``x86``: see
    `Target`."""
    texts: dict[str, str] = {}
    declarations: set[str] = set()
    waiting = sorted(needs)
    while waiting:
        need = waiting.pop()
        if need.startswith(("declare ", "@")):
            declarations.add(need)
        elif need not in texts:
            _, name, kind = need.split()
            code, texts[need] = function(name, kind, lanes, x86)
            waiting += sorted(code.needs)
    return [texts[need] for need in sorted(texts)], declarations


def function(name: str, kind: str, lanes: int, x86: int) -> tuple[Code, str]:
    """One function's text."""
    body, arity = FUNCTIONS[name] if name in FUNCTIONS else (partial(_from_table, name), 1)
    code = Code(lanes, x86)
    code.start("entry")
    vector = code.vector(kind)
    arguments = [Value(code, f"%x{n}", kind) for n in range(arity)]
    result = body(code, *arguments)
    code.do(f"ret {vector} {result.name}")
    given = ", ".join(f"{vector} %x{n}" for n in range(arity))
    head = f"define internal {vector} @{name}.{kind}({given}) noinline nounwind #0 {{"
    return code, "\n".join([head, *code.lines, "}"])
