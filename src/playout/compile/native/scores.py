"""Normal scores of words in single precision, without a logarithm, a root or a quotient.

|z| = −Φ⁻¹((w + ½) · 2⁻³²) of the low 31 bits w, the sign from the top bit. The range of w is cut into pieces that end
at ¾ · 2ⁿ; the piece next to ½, where the score goes to 0, is narrower. Within a piece the score is a polynomial in the
distance of w from a whole number, taken exactly and rounded once. Below the last piece, in one word of 43,690, `ndtri`
is asked. The error is at most 4 units in the last place of the score, or of 1e-3 where that is less
(tests/compile/native/test_scores.py).

The coefficients are of least relative error at its greatest (by Lawson's iteration of weighted least squares over
SciPy's `ndtri`), each rounded to single precision before those after it are fitted.
"""

from __future__ import annotations

from collections.abc import Sequence

from playout.compile.native.mathematics import call, polynomial
from playout.compile.native.text import Code, Value, literal

_TOP = 31
_PIECES = 16
_SCALE = 22  # of the distance, by which no power of it nor any coefficient leaves the range of single precision

# The first is of (w − 2³¹) / 2³⁰, from ¾ · 2³¹ up; then of (w − 9/8 · 2ⁿ) / 2ⁿ, from ¾ · 2ⁿ to ¾ · 2ⁿ⁺¹, n = 30 … 16.
_ROWS = (
    (-2.9180994e-10, -0.62665707, -5.9257914e-08, -0.04101671,
     -2.5168843e-05, -0.005773597, -0.00035415054, -0.0013359745),
    (0.5791321, -0.7410709, 0.15904151, -0.11334027, 0.06504486, -0.046464574, 0.039302524, -0.029208755),
    (1.0775155, -0.5599078, 0.16891533, -0.097195685, 0.061081193, -0.042181276, 0.036520164, -0.02719741),
    (1.4734675, -0.46389508, 0.15856434, -0.08889261, 0.056337725, -0.039054245, 0.034380414, -0.025340807),
    (1.8098922, -0.4029499, 0.14694813, -0.08236627, 0.052539013, -0.03622752, 0.031646118, -0.024619155),
    (2.106554, -0.3601768, 0.13665126, -0.07692533, 0.049243648, -0.03401327, 0.029796032, -0.023313362),
    (2.3743868, -0.3281659, 0.12786178, -0.07232491, 0.046472024, -0.032157682, 0.028082395, -0.022062467),
    (2.6201518, -0.30311558, 0.1203816, -0.068377465, 0.043994997, -0.03077541, 0.026988262, -0.020040018),
    (2.848359, -0.2828576, 0.113949716, -0.06498839, 0.042042926, -0.029184958, 0.02517424, -0.019915855),
    (3.0621862, -0.2660581, 0.10840618, -0.06201231, 0.039797325, -0.028061379, 0.026016697, -0.018559022),
    (3.2639687, -0.25184655, 0.1035178, -0.05940499, 0.03851227, -0.026782742, 0.023425145, -0.018573847),
    (3.4554787, -0.23962933, 0.09921827, -0.057077873, 0.03703404, -0.025778553, 0.022671077, -0.017973486),
    (3.6380985, -0.22898582, 0.09538615, -0.054989222, 0.035756946, -0.024911914, 0.021770243, -0.017298777),
    (3.8129294, -0.21960877, 0.09195393, -0.053110894, 0.03451423, -0.02406092, 0.021314727, -0.016904064),
    (3.9808655, -0.21126881, 0.08885253, -0.051391426, 0.03340746, -0.02347096, 0.020786358, -0.01583428),
    (4.1426435, -0.20378946, 0.08606178, -0.049830887, 0.0318432, -0.022810455, 0.022995709, -0.015343022),
)  # fmt: skip

_UNITS = (_TOP - 1, *range(_TOP - 1, _TOP - _PIECES, -1))
"""The unit of each polynomial's argument is 2 to this."""
_CENTRES = (1 << _TOP, *(9 << (n - 3) for n in _UNITS[1:]))
_LEAST = 3 << (_UNITS[-1] - 2)
_PERMUTATIONS = {
    (16, "float"): "avx512.permvar.sf.512", (16, "i32"): "avx512.permvar.si.512",
    (8, "float"): "avx2.permps", (8, "i32"): "avx2.permd",
}  # fmt: skip
_EXPONENT = 127 + _TOP  # of the first piece, as a float holds it


def score(code: Code, word: Value) -> Value:
    """The score of each lane's word: its sign is minus where the top bit is set."""
    low = word & 0x7FFFFFFF
    # The first piece begins half an octave below the others' beat, and takes what is rounded up to 2³¹.
    exponent = (low.convert("sitofp", "float").convert("bitcast", "i32") + (1 << 22)).shifted_down(23)
    centre = _entry(code, "i32", _CENTRES, exponent)
    distance = (low - centre).convert("sitofp", "float") * 2.0**-_SCALE
    coefficients = [
        _entry(
            code,
            "float",
            [row[power] * 2.0 ** ((_SCALE - n) * power) for row, n in zip(_ROWS, _UNITS, strict=True)],
            exponent,
        )
        for power in range(len(_ROWS[0]))
    ]
    near = polynomial(code, distance, coefficients)
    far = low < _LEAST
    size = code.lazily(code.any(far), "float", lambda: _far(code, low).where(far, near), otherwise=near, rare=True)
    sign = word & -(1 << 31)
    return (size.convert("bitcast", "i32") ^ sign).convert("bitcast", "float")


def _far(code: Code, low: Value) -> Value:
    return -call(code, "ndtri", (low.convert("sitofp", "float") + 0.5) * 2.0**-32)


def _entry(code: Code, kind: str, column: Sequence[float], exponent: Value) -> Value:
    """What a column holds for each lane's piece."""
    turned = [column[(_EXPONENT - place) % _PIECES] for place in range(_PIECES)]
    if code.x86 == 512 and code.lanes % 16 == 0:
        return _permuted(code, kind, turned, exponent, 16)
    if code.x86 and code.lanes % 8 == 0:
        lower, upper = (_permuted(code, kind, half, exponent, 8) for half in (turned[:8], turned[8:]))
        return upper.where((exponent & 8).compare("ne", 0), lower)
    name = f"@score.{kind}.{literal(kind, column[-1])}"
    numbers = ", ".join(f"{kind} {literal(kind, x)}" for x in turned)
    code.needs.add(f"{name} = internal constant [{_PIECES} x {kind}] [{numbers}], align 64")
    return code.gather(name, kind, exponent & (_PIECES - 1))


def _permuted(code: Code, kind: str, register: Sequence[float], place: Value, width: int) -> Value:
    """What each lane's place holds in a register of 16 (AVX-512) or 8 (AVX2); a place's last bits alone count."""
    vector = f"<{width} x {kind}>"
    name = f"@llvm.x86.{_PERMUTATIONS[width, kind]}"
    code.needs.add(f"declare {vector} {name}({vector}, <{width} x i32>)")
    numbers = ", ".join(f"{kind} {literal(kind, x)}" for x in register)
    given = (f"{vector} <{numbers}>, <{width} x i32> {part}" for part in code.parts(place, width))
    return code.joined([code.scalar(f"call {vector} {name}({each})") for each in given], kind)
