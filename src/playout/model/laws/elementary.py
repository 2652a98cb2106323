"""exp and log from plain IEEE arithmetic, so that they give the same bits on every machine.

NumPy chooses its `exp` and `log` by the processor: on AVX-512 and on AVX2 they differ in the last bit, and a belief
matrix made on two workers of a cluster would then differ too. Addition, multiplication, division, `frexp` and `ldexp`
are exact or correctly rounded everywhere, and these two functions use nothing else. SciPy's `ndtri`, `ndtr`, `expit`
and `logit` are scalar code that does not look at the vector unit, so they are used as they are.

The method and the constants are those of fdlibm (Sun Microsystems, 1993: `e_exp.c`, `e_log.c`); error below one unit in
the last place.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

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


def _polynomial(x: NDArray[np.float64], coefficients: tuple[float, ...]) -> NDArray[np.float64]:
    """c₀ + c₁x + c₂x² + … by Horner's rule."""
    total = np.full_like(x, coefficients[-1])
    for coefficient in reversed(coefficients[:-1]):
        total = total * x + coefficient
    return total


def exp(x: ArrayLike) -> NDArray[np.float64]:
    """eˣ elementwise: x any real, ±inf and NaN included; inf where it overflows, 0 where it vanishes."""
    # Past these ends the result is 0 or inf anyway, and the exponent must stay an integer that ldexp takes.
    x = np.clip(np.asarray(x, dtype=np.float64), -750.0, 710.0)
    k = np.rint(x * _LOG2_E)
    high = x - k * _LN2_HIGH
    low = k * _LN2_LOW
    r = high - low
    t = r * r
    c = r - t * _polynomial(t, _EXP)
    power = np.nan_to_num(k).astype(np.int64)
    half = power >> 1  # in two steps, for 2ᵏ itself may be too large or too small for a double
    with np.errstate(over="ignore", under="ignore"):
        return (1.0 - ((low - r * c / (2.0 - c)) - high)) * _power_of_two(half) * _power_of_two(power - half)


def _power_of_two(k: NDArray[np.int64]) -> NDArray[np.float64]:
    """2ᵏ for k from −1022 to 1023, made from its bits."""
    return ((k + 1023) << 52).view(np.float64)


def log(x: ArrayLike) -> NDArray[np.float64]:
    """The natural logarithm elementwise: −inf at 0, NaN below 0, inf at inf."""
    x = np.asarray(x, dtype=np.float64)
    ordinary = (x > 0.0) & (x < np.inf)
    m, k = np.frexp(np.where(ordinary, x, 1.0))
    small = m < 0.70710678118654752440
    m = np.where(small, 2.0 * m, m)  # m in [√½, √2)
    k = (k - small).astype(np.float64)
    f = m - 1.0
    s = f / (2.0 + f)
    t = s * s
    half = 0.5 * f * f
    r = t * _polynomial(t, _LOG)
    value = k * _LN2_HIGH - ((half - (s * (half + r) + k * _LN2_LOW)) - f)
    return np.where(ordinary, value, np.where(x == 0.0, -np.inf, np.where(x < 0.0, np.nan, x)))
