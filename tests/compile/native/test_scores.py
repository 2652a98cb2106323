"""Normal scores of words in single precision, against SciPy's of the same words in double."""

from __future__ import annotations

import ctypes

import numpy as np
from numpy.typing import NDArray
from scipy import special

from playout.compile.native.assembly import Loaded, attributes, compile_object, module_text
from playout.compile.native.mathematics import library
from playout.compile.native.scores import score
from playout.compile.native.target import host
from playout.compile.native.text import Code

RANDOM = np.random.default_rng(20251123)


def scores(low: NDArray[np.uint32], lanes: int, x86: int = host().x86) -> NDArray[np.float32]:
    """Of words, as many as lanes go into evenly."""
    code = Code(lanes, x86)
    code.start("entry")
    with code.loop("%n") as counter:
        pointer = code.scalar(f"getelementptr {code.vector('i32')}, ptr %words, i64 {counter}")
        value = score(code, code.emit(f"load {code.vector('i32')}, ptr {pointer}, align 4", "i32"))
        pointer = code.scalar(f"getelementptr {value.type}, ptr %out, i64 {counter}")
        code.do(f"store {value.type} {value.name}, ptr {pointer}, align 4")
    code.do("ret void")
    text = "\n".join(["define void @over(ptr %out, i64 %n, ptr %words) #0 {", *code.lines, "}"])
    parts, declarations = library(code.needs, lanes, x86)
    module = module_text([text, *parts], declarations, attributes(lanes, "float"))
    loaded = Loaded(compile_object(module, host()), host())
    function = loaded.function("over", ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p)
    out = np.empty(len(low), np.float32)
    function(out.ctypes.data, len(low) // lanes, low.ctypes.data)
    return out


def tails() -> NDArray[np.uint32]:
    """Low bits of words: evenly spread, spread over all octaves from both ends, and each place where a piece begins."""
    spread = np.concatenate([2.0 ** RANDOM.uniform(0, 31, 2**19), 2.0**31 - 2.0 ** RANDOM.uniform(0, 31, 2**19)])
    begins = [np.arange(2**n - 8, 2**n + 8) for n in range(4, 31)]
    begins += [np.arange(3 * 2**n - 8, 3 * 2**n + 8) for n in range(3, 30)]
    ends = [np.arange(64), 2**31 - 1 - np.arange(64)]
    words = np.concatenate([RANDOM.integers(0, 2**31, 2**20), spread.astype(np.int64), *begins, *ends])
    words = words[len(words) % 64 :]
    return np.minimum(words, 2**31 - 1).astype(np.uint32)


def test_every_tail_to_four_last_places() -> None:
    low = tails()
    middle = low >= 3 * 2**29  # where ½ less the tail is exact and the tail is not
    far = (2.0**31 - low - 0.5) * 2.0**-32
    true = np.where(middle, special.ndtri(0.5 + far), -special.ndtri((low + 0.5) * 2.0**-32))
    got = scores(low, 16)
    assert np.all(np.abs(got - true) <= 4 * np.spacing(np.maximum(true, 1e-3), dtype=np.float32))
    least = low >= 2**31 - 1000
    near = (2.0**31 - low[least] - 0.5) * 2.0**-32 * np.sqrt(2 * np.pi)
    np.testing.assert_allclose(got[least], near, rtol=4e-7)


def test_the_top_bit_is_the_sign() -> None:
    low = tails()
    np.testing.assert_array_equal(scores(low | np.uint32(2**31), 16), -scores(low, 16))


def test_scores_fall_as_words_rise() -> None:
    """Across the places where pieces meet, but for the error."""
    low = np.sort(tails())
    got = scores(low, 16).astype(np.float64)
    assert np.all(np.diff(got) <= 8 * np.spacing(np.maximum(got[1:], 1e-3), dtype=np.float32))


def test_the_same_bits_at_any_width() -> None:
    low = tails()
    first = scores(low, 4).tobytes()
    for lanes in (8, 16, 32):
        assert scores(low, lanes).tobytes() == first
        for x86 in {0, min(256, host().x86)}:  # as on lesser processors
            assert scores(low, lanes, x86).tobytes() == first
