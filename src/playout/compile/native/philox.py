"""Philox-4x32-10 over vectors of futures: the words of `compile/draws.py`, bit for bit.

Each 32 × 32-bit product is made as two 64-bit products of the even and the odd lanes, which is what vector units have.
"""

from __future__ import annotations

from playout.compile.native.text import Code, Value

_MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
_WEYL = (0x9E3779B9, 0xBB67AE85)
_ROUNDS = 10
_LOW = 0xFFFFFFFF
_HIGH = 0xFFFFFFFF00000000


def _product(code: Code, word: Value, multiplier: int) -> tuple[Value, Value]:
    """The high and low words of word × multiplier."""
    pairs = f"<{code.lanes // 2} x i64>"

    def step(operation: str, operand: str, number: int) -> str:
        signed = number - 2**64 if number >> 63 else number
        return code.scalar(f"{operation} {pairs} {operand}, splat (i64 {signed})")

    both = code.scalar(f"bitcast {word.type} {word.name} to {pairs}")
    even = step("mul", step("and", both, _LOW), multiplier)
    odd = step("mul", step("lshr", both, 32), multiplier)
    high = code.scalar(f"or {pairs} {step('lshr', even, 32)}, {step('and', odd, _HIGH)}")
    return code.emit(f"bitcast {pairs} {high} to {word.type}", "i32"), word * multiplier


def philox(
    code: Code, counter: tuple[Value, Value, Value, Value], key: tuple[Value, Value], rounds: int = _ROUNDS
) -> tuple[Value, ...]:
    """The four output words of each lane's counter; with fewer ``rounds``, the last of them alone."""
    even, odd = [list(halves) for halves in zip(*(_halves(code, word) for word in counter), strict=True)]
    k0, k1 = key
    for number in range(_ROUNDS):
        if number >= _ROUNDS - rounds:
            keys = [_halves(code, k)[0] for k in (k0, k1)]  # a key is the same in all lanes
            even, odd = _round(code, even, keys), _round(code, odd, keys)
        if number + 1 < _ROUNDS:
            k0, k1 = k0 + _WEYL[0], k1 + _WEYL[1]
    return tuple(_woven(code, *halves) for halves in zip(even, odd, strict=True))


def _round(code: Code, counter: list[str], key: list[str]) -> list[str]:
    """A round over pairs of words, of which the lower count and the upper are whatever they are."""
    pairs = f"<{code.lanes // 2} x i64>"

    def step(operation: str, a: str, b: str) -> str:
        return code.scalar(f"{operation} {pairs} {a}, {b}")

    c0, c1, c2, c3 = counter
    product0, product1 = (
        step("mul", step("and", word, f"splat (i64 {_LOW})"), f"splat (i64 {multiplier})")
        for word, multiplier in zip((c0, c2), _MULTIPLIERS, strict=True)
    )
    high0, high1 = (step("lshr", product, "splat (i64 32)") for product in (product0, product1))
    return [
        step("xor", step("xor", high1, c1), key[0]), product1, step("xor", step("xor", high0, c3), key[1]), product0,
    ]  # fmt: skip


def _halves(code: Code, word: Value) -> tuple[str, str]:
    """The words of the even lanes and of the odd ones, each in the lower half of a pair."""
    pairs = f"<{code.lanes // 2} x i64>"
    even = code.scalar(f"bitcast {word.type} {word.name} to {pairs}")
    return even, code.scalar(f"lshr {pairs} {even}, splat (i64 32)")


def _woven(code: Code, even: str, odd: str) -> Value:
    """The lanes of `_halves` in their order."""
    pairs, vector = f"<{code.lanes // 2} x i64>", code.vector("i32")
    parts = [code.scalar(f"bitcast {pairs} {half} to {vector}") for half in (even, odd)]
    places = ", ".join(f"i32 {lane - 1 + code.lanes if lane & 1 else lane}" for lane in range(code.lanes))
    return code.emit(f"shufflevector {vector} {parts[0]}, {vector} {parts[1]}, <{code.lanes} x i32> <{places}>", "i32")


def block_start(code: Code, future: Value, number: Value, key: tuple[Value, Value]) -> tuple[Value, Value, Value]:
    """What two rounds make of the future and the number alone, whatever the stream and the member."""
    high_future, low_future = _product(code, future, _MULTIPLIERS[0])
    high, low = _product(code, high_future ^ number ^ key[1], _MULTIPLIERS[1])
    return high, low, low_future


def block(
    code: Code, start: tuple[Value, Value, Value], stream: str, member: str, key: tuple[Value, Value]
) -> tuple[Value, ...]:
    """The four words of a stream's member, both the same in all lanes: scalar where two rounds allow."""
    high, low, low_future = start

    def product(word: str, multiplier: int) -> tuple[Value, Value]:
        both = code.scalar(f"mul i64 {code.scalar(f'zext i32 {word} to i64')}, {multiplier}")
        parts = both, code.scalar(f"lshr i64 {both}, 32")
        low, high = (code.splat(code.scalar(f"trunc i64 {part} to i32"), "i32") for part in parts)
        return high, low

    def first(vector: Value) -> str:
        return code.scalar(f"extractelement {vector.type} {vector.name}, i64 0")

    high_member, low_member = product(member, _MULTIPLIERS[1])
    high_stream, low_stream = product(first(high_member ^ code.splat(stream, "i32") ^ key[0]), _MULTIPLIERS[0])
    k0, k1 = key[0] + _WEYL[0], key[1] + _WEYL[1]
    counter = high ^ (low_member ^ k0), low, low_future ^ (high_stream ^ k1), low_stream
    return philox(code, counter, key, _ROUNDS - 2)


NAME = "entry_word"


def call_entry_word(
    code: Code, future: Value, key: tuple[Value, Value], stream: Value, member: Value, number: Value
) -> Value:
    """Draw ``number`` of a stream, each lane its own."""
    code.needs.add(NAME)
    given = ", ".join(f"{v.type} {v.name}" for v in (future, *key, stream, member, number))
    return code.emit(f"call {future.type} @{NAME}({given})", "i32")


def entry_word(lanes: int) -> str:
    """The function behind `call_entry_word`."""
    code = Code(lanes)
    code.start("entry")
    future, k0, k1, stream, member, number = (Value(code, f"%x{n}", "i32") for n in range(6))
    words = philox(code, (future, stream, member, number.shifted_down(2)), (k0, k1))
    place = number & 3
    word = words[0]
    for position in (1, 2, 3):
        word = words[position].where(place.compare("eq", position), word)
    code.do(f"ret {word.type} {word.name}")
    given = ", ".join(f"{word.type} %x{n}" for n in range(6))
    return "\n".join([f"define internal {word.type} @{NAME}({given}) noinline nounwind #0 {{", *code.lines, "}"])
