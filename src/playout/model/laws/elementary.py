"""exp, log, the logistic function and the normal quantile from plain IEEE arithmetic: the same bits on every machine.

NumPy chooses its `exp` and `log` by the processor: on AVX-512 and on AVX2 they differ in the last bit, and a belief
matrix made on two workers of a cluster would then differ too. Addition, multiplication, division, square root and
rounding to a whole number are correctly rounded everywhere, and these functions use nothing else.

Each is written once, over an `Arithmetic`: `NUMPY` reads it as array operations, `compile/native/columns.py` as machine
code, and both give the same bits, for no multiplication is ever fused with an addition.

Sources: fdlibm (Sun Microsystems, 1993: `e_exp.c`, `e_log.c`), error below one unit in the last place; M. Wichura, The
percentage points of the normal distribution, Applied Statistics 37 (1988), algorithm AS 241, relative error below
2e-15. The logistic function is within three units in the last place of 1e-300 and above.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Number: TypeAlias = Any
"""A double, an array or a machine vector of them: all know the four operations, comparisons, and & and | of masks."""


class Arithmetic(Protocol):
    """The operations that operators do not give."""

    def where(self, condition: Number, value: Number, otherwise: Number) -> Number:
        """``value`` where the condition holds, else the other."""
        ...

    def sqrt(self, x: Number) -> Number: ...

    def rint(self, x: Number) -> Number:
        """The nearest whole number, of two the even one."""
        ...

    def whole(self, x: Number) -> Number:
        """A whole double below 2⁶³ in size as a 64-bit integer."""
        ...

    def real(self, k: Number) -> Number:
        """A 64-bit integer below 2⁵³ in size as a double."""
        ...

    def bits(self, x: Number) -> Number:
        """A double's 64 bits as an integer."""
        ...

    def from_bits(self, k: Number) -> Number:
        """The double of 64 bits."""
        ...

    def rows(self, table: NDArray[np.float64], row: Number) -> Sequence[Number]:
        """The columns' values in each element's row of a table [rows, columns]."""
        ...

    def lazily(self, condition: Number, function: Callable[..., Number], *given: Number) -> Number:
        """The function of what is given where the condition holds; elsewhere anything."""
        ...


class _NumPy:
    """Arrays of any shape."""

    def where(self, condition: Number, value: Number, otherwise: Number) -> Number:
        return np.where(condition, value, otherwise)

    def sqrt(self, x: Number) -> Number:
        return np.sqrt(x)

    def rint(self, x: Number) -> Number:
        return np.rint(x)

    def whole(self, x: Number) -> Number:
        return np.asarray(x).astype(np.int64)

    def real(self, k: Number) -> Number:
        return np.asarray(k).astype(np.float64)

    def bits(self, x: Number) -> Number:
        return np.asarray(x, dtype=np.float64).view(np.int64)

    def from_bits(self, k: Number) -> Number:
        return np.asarray(k, dtype=np.int64).view(np.float64)

    def rows(self, table: NDArray[np.float64], row: Number) -> Sequence[Number]:
        return [table[row, column] for column in range(table.shape[1])]

    def lazily(self, condition: Number, function: Callable[..., Number], *given: Number) -> Number:
        out = np.zeros(np.shape(condition))
        if np.any(condition):
            out[condition] = function(*(x[condition] for x in given))
        return out


NUMPY: Arithmetic = _NumPy()


def polynomial(x: Number, coefficients: Sequence[Number]) -> Number:
    """c₀ + c₁x + c₂x² + … by Horner's rule."""
    total = coefficients[-1]
    for coefficient in reversed(coefficients[:-1]):
        total = total * x + coefficient
    return total


def clipped(m: Arithmetic, x: Number, low: Number, high: Number) -> Number:
    """x, but no less than ``low`` and no more than ``high``; NaN stays."""
    x = m.where(x < low, low, x)
    return m.where(x > high, high, x)


# --- exponentials -----------------------------------------------------------------------------------------------------

_LN2_HIGH = 6.93147180369123816490e-01  # the leading 33 bits of ln 2, so that k·_LN2_HIGH is exact
_LN2_LOW = 1.90821492927058770002e-10
_LOG2_E = 1.44269504088896338700e00
_EXP = (
    1.66666666666666019037e-01,
    -2.77777777770155933842e-03,
    6.61375632143793436117e-05,
    -1.65339022054652515390e-06,
    4.13813679705723846039e-08,
)
_LOG = (
    6.666666666666735130e-01,
    3.999999999940941908e-01,
    2.857142874366239149e-01,
    2.222219843214978396e-01,
    1.818357216161805012e-01,
    1.531383769920937332e-01,
    1.479819860511658591e-01,
)


def exponential(m: Arithmetic, x: Number) -> Number:
    """eˣ: x any real, ±inf and NaN included; inf where it overflows, 0 where it vanishes."""
    # Past these ends the result is 0 or inf anyway, and the exponent must stay one that two factors can make up.
    inside = m.where(x > -750.0, x, -750.0)
    inside = m.where(inside < 710.0, inside, 710.0)
    k = m.rint(inside * _LOG2_E)
    high = inside - k * _LN2_HIGH
    low = k * _LN2_LOW
    r = high - low
    t = r * r
    c = r - t * polynomial(t, _EXP)
    power = m.whole(k)
    half = power >> 1  # in two steps, for 2ᵏ itself may be too large or too small for a double
    value = (1.0 - ((low - r * c / (2.0 - c)) - high)) * _power_of_two(m, half) * _power_of_two(m, power - half)
    return m.where((x < 0.0) | (x >= 0.0), value, x)


def _power_of_two(m: Arithmetic, k: Number) -> Number:
    """2ᵏ for k from −1022 to 1023, made from its bits."""
    return m.from_bits((k + 1023) << 52)


def logistic(m: Arithmetic, x: Number) -> Number:
    """1 / (1 + e⁻ˣ)."""
    return 1.0 / (1.0 + exponential(m, -x))


def logarithm(m: Arithmetic, x: Number) -> Number:
    """The natural logarithm: −inf at 0, NaN below 0, inf at inf."""
    tiny = x < 2.0**-1022
    ordinary = m.bits(m.where(tiny, x * 2.0**54, x))
    k = (ordinary - 0x3FE6A09E667F3BCD) >> 52
    f = m.from_bits(ordinary - (k << 52)) - 1.0  # the mantissa in [√½, √2), less 1
    k = m.real(k)
    k = m.where(tiny, k - 54.0, k)
    s = f / (2.0 + f)
    t = s * s
    half = 0.5 * f * f
    r = t * polynomial(t, _LOG)
    value = k * _LN2_HIGH - ((half - (s * (half + r) + k * _LN2_LOW)) - f)
    value = m.where(x < np.inf, value, x)
    return m.where(x > 0.0, value, m.where(x < 0.0, np.nan, m.where(x >= 0.0, -np.inf, x)))


# --- the normal quantile ----------------------------------------------------------------------------------------------

_CENTRE = (
    (3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
     4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3),
    (1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
     2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3),
)  # fmt: skip
_MIDDLE = (
    (1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550, 3.64784832476320460504,
     1.27045825245236838258, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4),
    (1.0, 2.05319162663775882187, 1.67638483018380384940, 6.89767334985100004550e-1,
     1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494e-4, 1.05075007164441684324e-9),
)  # fmt: skip
_FAR = (
    (6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580, 2.96560571828504891230e-1,
     2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348758e-5, 2.01033439929228813265e-7),
    (1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
     7.86869131145613259100e-4, 1.84631831751005468e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15),
)  # fmt: skip


def normal_quantile(m: Arithmetic, u: Number) -> Number:
    """Φ⁻¹(u): ±inf at the ends, NaN outside."""
    q = u - 0.5
    inner = q * _ratio(0.180625 - q * q, _CENTRE)
    outside = (q < -0.425) | (q > 0.425)
    return m.where(outside, m.lazily(outside, lambda u, q: _tails(m, u, q), u, q), inner)


def _tails(m: Arithmetic, u: Number, q: Number) -> Number:
    tail = m.where(q < 0.0, u, 1.0 - u)
    root = m.sqrt(-logarithm(m, tail))
    beyond = root > 5.0
    far = m.lazily(beyond, lambda root: _ratio(root - 5.0, _FAR), root)
    size = m.where(beyond, far, _ratio(root - 1.6, _MIDDLE))
    size = m.where(root < np.inf, size, root)
    return m.where(q < 0.0, -size, size)


def _ratio(x: Number, parts: tuple[Sequence[float], Sequence[float]]) -> Number:
    return polynomial(x, parts[0]) / polynomial(x, parts[1])


# --- over arrays ------------------------------------------------------------------------------------------------------


def exp(x: ArrayLike) -> NDArray[np.float64]:
    """`exponential` elementwise."""
    return _over(exponential, x)


def log(x: ArrayLike) -> NDArray[np.float64]:
    """`logarithm` elementwise."""
    return _over(logarithm, x)


def ndtri(u: ArrayLike) -> NDArray[np.float64]:
    """`normal_quantile` elementwise."""
    return _over(normal_quantile, u)


def _over(function: Callable[[Arithmetic, Number], Number], x: ArrayLike) -> NDArray[np.float64]:
    with np.errstate(all="ignore"):
        return np.asarray(function(NUMPY, np.asarray(x, dtype=np.float64)))
