"""Random numbers by address: a draw depends on the seed, the future, its name, the member and the number, nothing else.

Philox-4x32-10 (Salmon, Moraes, Dror and Shaw, Parallel random numbers: as easy as 1, 2, 3, SC 2011) turns a 128-bit
counter and a 64-bit key into four 32-bit words without any state. Here

    key     = (seed's low 32 bits, seed's high 32 bits)
    counter = (future, hash32 of the draw's name, member, number // 4)

and draw number n of a stream is word n % 4, so one block serves four consecutive steps (or entries). The same word
comes out in any chunk, order or machine; two policies under one seed share every draw whose address they share.

Shapes: futures lie along the last axis, which is contiguous, members before it: [members, futures].
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Words: TypeAlias = NDArray[np.uint32]
_Wide: TypeAlias = NDArray[np.uint64]

_MULTIPLIER_0 = np.uint64(0xD2511F53)
_MULTIPLIER_1 = np.uint64(0xCD9E8D57)
_WEYL_0 = 0x9E3779B9
_WEYL_1 = 0xBB67AE85
_LOW_WORD = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_ROUNDS = 10
#: Blocks worked on at a time: six arrays of 8,192 double words, 384 KiB, stay in a second-level cache.
_TILE = 8192


def philox(counter: tuple[ArrayLike, ArrayLike, ArrayLike, ArrayLike], key: tuple[int, int]) -> Words:
    """Philox-4x32-10: the four output words of each counter.

    ``counter``: four arrays of 32-bit unsigned values that broadcast to one shape; ``key``: two 32-bit numbers.
    Returns words of shape [4, *shape].

    State words are kept in 64 bits; the low products are left with their upper halves on them, which never reach a
    multiplication (a word is masked before it does) and fall off at the end.
    """
    c0, c1, c2, c3 = (np.asarray(c).astype(np.uint64) for c in counter)
    keys = [
        (np.uint64((key[0] + r * _WEYL_0) % 2**32), np.uint64((key[1] + r * _WEYL_1) % 2**32)) for r in range(_ROUNDS)
    ]
    # The first rounds run on what they depend on only: after two of them every word depends on the whole counter.
    for k0, k1 in keys[:2]:
        p0, p1 = c0 * _MULTIPLIER_0, c2 * _MULTIPLIER_1
        c0 = ((p1 >> _HALF) ^ c1 ^ k0) & _LOW_WORD
        c2 = ((p0 >> _HALF) ^ c3 ^ k1) & _LOW_WORD
        c1, c3 = p1, p0
    shape = np.broadcast_shapes(c0.shape, c1.shape, c2.shape, c3.shape)
    c0, c1, c2, c3 = (np.broadcast_to(c, shape).copy() for c in (c0, c1, c2, c3))
    p0, p1 = np.empty(shape, np.uint64), np.empty(shape, np.uint64)
    for k0, k1 in keys[2:]:
        np.multiply(c0, _MULTIPLIER_0, out=p0)
        np.multiply(c2, _MULTIPLIER_1, out=p1)
        _mix(p1, c1, k0, out=c0)
        _mix(p0, c3, k1, out=c2)
        c1, p1 = p1, c1
        c3, p0 = p0, c3
    words = np.empty((4, *shape), np.uint32)
    for i, state in enumerate((c0, c1, c2, c3)):
        words[i, ...] = state
    return words


def _mix(product: _Wide, state: _Wide, key: np.uint64, out: _Wide) -> None:
    """out = low word of (product's high word ^ state ^ key)."""
    np.right_shift(product, _HALF, out=out)
    np.bitwise_xor(out, state, out=out)
    np.bitwise_xor(out, key, out=out)
    np.bitwise_and(out, _LOW_WORD, out=out)


# --- addresses --------------------------------------------------------------------------------------------------------


def stream_key(name: str) -> int:
    """The 32-bit number a draw's name goes by: the first four bytes, little endian, of BLAKE2b with a 4-byte digest."""
    return int.from_bytes(hashlib.blake2b(name.encode("utf-8"), digest_size=4).digest(), "little")


def belief_stream(name: str) -> str:
    """The name under which a belief draws."""
    return f"belief {name}"


def find_collisions(names: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Groups of different names that share a stream key, each group and the groups in alphabetical order.

    Such names would draw the same numbers, so a program that holds them is refused.
    """
    by_key: defaultdict[int, set[str]] = defaultdict(set)
    for name in names:
        by_key[stream_key(name)].add(name)
    return tuple(sorted(tuple(sorted(group)) for group in by_key.values() if len(group) > 1))


def _key(seed: int) -> tuple[int, int]:
    if not 0 <= seed < 2**64:
        raise ValueError(f"a seed is a whole number from 0 to 2**64 - 1; got {seed}")
    return seed & 0xFFFFFFFF, seed >> 32


def quads(seed: int, stream: int, futures: ArrayLike, members: ArrayLike, block: int) -> Words:
    """Four consecutive draws at once: numbers 4·block to 4·block + 3 of a stream.

    ``stream``: a `stream_key`; ``futures`` [F] and ``members`` [M]: 32-bit unsigned numbers. Returns words of shape
    [4, M, F]; each of the four [M, F] planes is contiguous.
    """
    columns, rows = _counters("future", futures), _counters("member", members)[:, np.newaxis]
    out = np.empty((4, rows.size, columns.size), np.uint32)
    for m, f in _tiles(rows.size, columns.size):
        out[:, m, f] = philox((columns[f], stream, rows[m], _counters("block", block)), _key(seed))
    return out


def words(seed: int, stream: ArrayLike, futures: ArrayLike, members: ArrayLike, numbers: ArrayLike = 0) -> Words:
    """One draw for each member and future.

    ``stream``: a `stream_key` for all members, or an array [M] with one for each row.
    ``numbers``: which draw of the stream, one for all or an array of whole numbers that broadcasts to [M, F] (the entry
    number of a stage, say). Other arguments as in `quads`. Returns words of shape [M, F].
    """
    columns, rows = _counters("future", futures), _counters("member", members)[:, np.newaxis]
    shape = (rows.size, columns.size)
    streams = np.broadcast_to(_counters("stream", stream), rows.size)[:, np.newaxis]
    which = np.asarray(numbers)
    blocks, places = _counters("number", which >> 2), which & 3
    out = np.empty(shape, np.uint32)
    if which.ndim == 0:
        for m, f in _tiles(*shape):
            out[m, f] = philox((columns[f], streams[m], rows[m], blocks), _key(seed))[int(places)]
        return out
    blocks, places = np.broadcast_to(blocks, shape), np.broadcast_to(places, shape)
    for m, f in _tiles(*shape):
        out[m, f] = np.choose(places[m, f], list(philox((columns[f], streams[m], rows[m], blocks[m, f]), _key(seed))))
    return out


def pointwise(seed: int, stream: int, futures: ArrayLike, members: ArrayLike, numbers: ArrayLike) -> Words:
    """One draw for each of many addresses: three arrays of one shape [n] in, words [n] out."""
    which = np.asarray(numbers)
    counter = (np.asarray(futures), stream, np.asarray(members), which >> 2)
    return np.choose(which & 3, list(philox(counter, _key(seed)))).astype(np.uint32, copy=False)


def _counters(what: str, values: ArrayLike) -> Words:
    """The values as 32-bit words; a ValueError where one would not fit."""
    given = np.asarray(values)
    fits = given.dtype == np.uint32 or not given.size
    if not fits and (given.dtype.kind not in "iu" or given.min() < 0 or given.max() >= 2**32):
        raise ValueError(f"a {what} is addressed by a whole number from 0 to 2**32 - 1")
    return given.astype(np.uint32, copy=False)


def _tiles(members: int, futures: int) -> Iterable[tuple[slice, slice]]:
    """Rectangles of at most `_TILE` blocks that cover [members, futures]."""
    width = min(futures, _TILE)
    height = max(1, _TILE // max(width, 1))
    for top in range(0, members, height):
        for left in range(0, futures, max(width, 1)):
            yield slice(top, top + height), slice(left, left + width)


# --- from words to numbers --------------------------------------------------------------------------------------------


def threshold(word: Words) -> NDArray[np.float64]:
    """word · 2⁻³² in [0, 1): an event of probability p happens where this is below p, so never at 0, always at 1."""
    return np.asarray(word, dtype=np.float64) * 2.0**-32


def open_uniform(word: Words) -> NDArray[np.float64]:
    """(word + ½) · 2⁻³², strictly inside (0, 1) and symmetric about ½: what a quantile function takes."""
    return (np.asarray(word, dtype=np.float64) + 0.5) * 2.0**-32


def normal_score(word: Words) -> NDArray[np.float64]:
    """A standard normal score: the sign from the top bit (set: negative), the tail from the other 31.

    |z| = −Φ⁻¹((low 31 bits + ½) · 2⁻³²), at most 6.34; word and word ^ 2³¹ give opposite scores exactly.
    """
    word = np.asarray(word, dtype=np.uint32)
    tail: NDArray[np.float64] = -special.ndtri(open_uniform(word & np.uint32(0x7FFFFFFF)))
    return np.where(word >> np.uint32(31) == 1, -tail, tail)
