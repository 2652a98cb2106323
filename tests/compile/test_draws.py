"""Philox against its published answers, addresses, and what becomes of the words."""

from __future__ import annotations

import hashlib
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from playout.compile import draws
from playout.compile.draws import (
    find_collisions,
    normal_score,
    open_uniform,
    philox,
    quads,
    stream_key,
    threshold,
    words,
)

# The known-answer vectors for philox4x32 with 10 rounds of Random123 (tests/kat_vectors): counter, key, answer.
KNOWN_ANSWERS = [
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
]


def numbers_of(text: str) -> list[int]:
    return [int(word, 16) for word in text.split()]


def plain_philox(counter: list[int], key: list[int]) -> list[int]:
    """The ten rounds as the paper writes them, on Python's whole numbers."""
    c, k = list(counter), list(key)
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(p1 >> 32) ^ c[1] ^ k[0], p1 & 0xFFFFFFFF, (p0 >> 32) ^ c[3] ^ k[1], p0 & 0xFFFFFFFF]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return c


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN_ANSWERS)
def test_the_published_answers(counter: str, key: str, answer: str) -> None:
    c, (k0, k1) = numbers_of(counter), numbers_of(key)
    assert philox((c[0], c[1], c[2], c[3]), (k0, k1)).tolist() == numbers_of(answer)
    assert plain_philox(c, [k0, k1]) == numbers_of(answer)
    # In an array the words are the same, on the vector unit and in what is left over at the end.
    wide = philox((np.full(37, c[0], np.uint32), c[1], np.array([[c[2]]] * 3), c[3]), (k0, k1))
    assert wide.shape == (4, 3, 37)
    assert np.array_equal(wide, np.broadcast_to(np.array(numbers_of(answer))[:, None, None], wide.shape))


WORD = st.integers(0, 2**32 - 1)


@given(st.integers(0, 2**64 - 1), WORD, WORD, WORD, st.integers(0, 2**34 - 1))
def test_a_draw_is_the_word_at_its_address(seed: int, stream: int, future: int, member: int, number: int) -> None:
    expected = plain_philox([future, stream, member, number // 4], [seed % 2**32, seed >> 32])
    futures, members = np.array([future], np.uint32), np.array([member], np.uint32)
    assert words(seed, stream, futures, members, number).tolist() == [[expected[number % 4]]]
    assert quads(seed, stream, futures, members, number // 4)[:, 0, 0].tolist() == expected
    assert words(seed, stream, futures, members, np.array([number]))[0, 0] == expected[number % 4]


def test_shapes_and_agreement_of_the_two_forms() -> None:
    futures, members = np.arange(100, 350, dtype=np.uint32), np.array([0, 3, 5], np.uint32)
    four = quads(7, 99, futures, members, 2)
    assert four.shape == (4, 3, 250)
    assert four.dtype == np.uint32
    assert four[1].flags.c_contiguous
    for w in range(4):
        assert np.array_equal(words(7, 99, futures, members, 8 + w), four[w])
    streams = words(7, [99, 5, 99], futures, members, 9)
    assert np.array_equal(
        streams, np.stack([words(7, s, futures, [m], 9)[0] for s, m in zip((99, 5, 99), members, strict=True)])
    )
    entries = np.add.outer(np.arange(3), np.arange(250) % 7)
    found = words(7, 99, futures, members, entries)
    for number in range(9):
        at = entries == number
        assert np.array_equal(found[at], words(7, 99, futures, members, number)[at])


def test_tiles_leave_no_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    futures, members = np.arange(1000, dtype=np.uint32), np.arange(7, dtype=np.uint32)
    entries = np.arange(7000).reshape(7, 1000) % 11
    whole = quads(1, 2, futures, members, 3), words(1, 2, futures, members, entries)
    for tile in (64, 1000, 2500):
        monkeypatch.setattr(draws, "_TILE", tile)
        assert np.array_equal(quads(1, 2, futures, members, 3), whole[0])
        assert np.array_equal(words(1, 2, futures, members, entries), whole[1])


def test_a_chunk_of_futures_holds_what_the_whole_holds() -> None:
    members = np.arange(3, dtype=np.uint32)
    whole = words(5, 1, np.arange(500), members, 6)
    assert np.array_equal(words(5, 1, np.arange(123, 300), members, 6), whole[:, 123:300])
    assert np.array_equal(words(5, 1, np.arange(500)[::-1], members[[2, 0]], 6), whole[[2, 0], ::-1])
    assert words(5, 1, np.arange(0), members).shape == (3, 0)
    assert quads(5, 1, np.arange(4), np.arange(0), 0).shape == (4, 0, 4)


@pytest.mark.parametrize(
    "call",
    [
        lambda: words(-1, 0, [0], [0]),
        lambda: words(2**64, 0, [0], [0]),
        lambda: words(0, 0, [-1], [0]),
        lambda: words(0, 0, [2**32], [0]),
        lambda: words(0, 0, [0.5], [0]),
        lambda: quads(0, 0, [0], [0], 2**32),
    ],
)
def test_what_has_no_address_is_refused(call: object) -> None:
    with pytest.raises(ValueError, match="whole number from 0 to"):
        call()  # type: ignore[operator]


# --- names ------------------------------------------------------------------------------------------------------------


def test_a_stream_key_is_the_digest_of_its_name() -> None:
    name = "belief añejo"
    assert stream_key(name) == int.from_bytes(hashlib.blake2b(name.encode(), digest_size=4).digest(), "little")
    assert stream_key("campaign lasts") != stream_key("campaign moves")


def test_names_that_collide_are_found() -> None:
    seen: dict[int, str] = {}
    for k in range(400_000):
        name = f"n{k}"
        other = seen.setdefault(stream_key(name), name)
        if other != name:
            break
    assert find_collisions([name, "unlike", other, name]) == (tuple(sorted((name, other))),)
    assert find_collisions(["a", "b", "a"]) == ()


# --- words to numbers -------------------------------------------------------------------------------------------------

ENDS = np.array([0, 1, 2**31 - 1, 2**31, 2**32 - 1], np.uint32)


def test_thresholds_never_happen_at_0_and_always_at_1() -> None:
    assert not np.any(threshold(ENDS) < 0.0)
    assert np.all(threshold(ENDS) < 1.0)
    assert threshold(ENDS)[3] == 0.5


def test_open_uniforms_are_inside_and_symmetric() -> None:
    u = open_uniform(ENDS)
    assert u[0] == 2.0**-33
    assert np.array_equal(1.0 - u, open_uniform(ENDS ^ np.uint32(0xFFFFFFFF)))


@given(WORD)
def test_normal_scores_are_symmetric_and_full_in_the_tail(word: int) -> None:
    w = np.array([word, word ^ 2**31], np.uint32)
    z = normal_score(w)
    assert z[0] == -z[1]
    assert (z[0] < 0.0) == bool(word >> 31)
    assert abs(z[0]) == -special.ndtri(((word & 0x7FFFFFFF) + 0.5) * 2.0**-32)


def test_the_largest_score_lies_six_standard_deviations_out() -> None:
    assert 6.3 < normal_score(np.array([0], np.uint32))[0] < 6.4


def test_words_have_the_moments_of_uniforms_and_scores_of_normals() -> None:
    """Within four standard errors, across futures, members and numbers, and without a tie between neighbours."""
    n = 200_000
    block = quads(11, stream_key("moments"), np.arange(n // 4), np.arange(4), 0)
    u = open_uniform(block)
    assert abs(u.mean() - 0.5) < 4.0 * np.sqrt(1.0 / 12.0 / u.size)
    assert abs(u.var() - 1.0 / 12.0) < 4.0 * np.sqrt(1.0 / 180.0 / u.size)
    z = normal_score(block)
    for power, moment, variance in ((1, 0.0, 1.0), (2, 1.0, 2.0), (3, 0.0, 15.0), (4, 3.0, 96.0)):
        assert abs((z**power).mean() - moment) < 4.0 * np.sqrt(variance / z.size)
    for a, b in ((z[0], z[1]), (z[:, 0], z[:, 1]), (z[..., :-1], z[..., 1:])):
        assert abs((a * b).mean()) < 4.0 / np.sqrt(a.size)
    assert stats.kstest(u[:, :, :5000].ravel(), "uniform").pvalue > 1e-4


@pytest.mark.bench
def test_philox_makes_twelve_million_blocks_a_second() -> None:
    """On one core, over 8,192 blocks that stay in the cache."""
    futures, members = np.arange(4096, dtype=np.uint32), np.arange(2, dtype=np.uint32)
    best = np.inf
    for _ in range(50):
        start = time.perf_counter()
        quads(1, 2, futures, members, 3)
        best = min(best, time.perf_counter() - start)
    assert 8192 / best > 12e6
