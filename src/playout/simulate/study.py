"""Studies: one scenario played in many ways, under other policies, views and beliefs, all with the same draws.

    CheckedScenario, Variants ──play_variants──▶ Runs, one after the other in the order of the variants

The native engine plays as many variants side by side as there are cores, each on one core, so that a study of many
short runs keeps all of them busy and one variant is compiled while another is played. The reference engine, which
takes all cores for one run, plays them one after the other. What comes of a variant is the same bytes either way.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from playout.model.checked import CheckedScenario
from playout.simulate.design import Design
from playout.simulate.result import Runs
from playout.simulate.run import ALLOWED, Progress, check_expected, check_request, play


@dataclass(frozen=True, slots=True)
class Variant:
    """One way in which a scenario is played; arguments as of `play`. limited: whether no more futures may stop than the
    study allows; not where a sample is drawn again by the laws of one that was held to that."""

    policy: str | None = None
    view: str | None = None
    design: Design | None = None
    limited: bool = True


def play_variants(
    checked: CheckedScenario,
    variants: Sequence[Variant],
    *,
    futures: int,
    seed: int,
    engine: str = "native",
    precision: str = "single",
    wanted: Collection[str] | None = None,
    allow_stopped: float = ALLOWED,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Iterator[Runs]:
    """Play futures 0 to ``futures - 1`` in each variant, all under one seed; arguments as of `play`.

    Runs come in the order of the variants, and no more than a few wait to be taken. progress: told futures of all
    variants. Refuses what `play` refuses. Whoever stops taking runs, or is interrupted, leaves none being played.
    """
    for variant in variants:
        check_request(checked, futures=futures, seed=seed, view=variant.view, engine=engine, precision=precision)
    for variant in variants[:1]:
        check_expected(
            checked,
            futures=futures,
            policy=variant.policy,
            engine=engine,
            precision=precision,
            wanted=wanted,
            times=len(variants),
        )
    stop = threading.Event()

    def played(variant: Variant, each: int | None) -> Runs:
        return play(
            checked,
            futures=futures,
            seed=seed,
            policy=variant.policy,
            view=variant.view,
            design=variant.design,
            engine=engine,
            precision=precision,
            wanted=wanted,
            allow_stopped=allow_stopped if variant.limited else 1.0,
            workers=each,
            stop=stop,
        )

    def told(done: int) -> None:
        if progress is not None:
            progress(done * futures, len(variants) * futures)

    many = min(workers or os.cpu_count() or 1, len(variants))
    if engine == "numpy" or many <= 1:
        for number, variant in enumerate(variants):
            told(number)
            yield played(variant, workers)
    else:
        yield from _side_by_side(variants, lambda variant: played(variant, 1), many, stop, told)
    told(len(variants))


def _side_by_side(
    variants: Sequence[Variant],
    played: Callable[[Variant], Runs],
    many: int,
    stop: threading.Event,
    told: Callable[[int], None],
) -> Iterator[Runs]:
    """Runs of variants in their order, ``many`` of them being played at once."""
    pool = ThreadPoolExecutor(many, thread_name_prefix="playout-study")
    waiting: deque[Future[Runs]] = deque()
    left = deque(variants)
    try:
        for number in range(len(variants)):
            told(number)
            while left and len(waiting) <= many:
                waiting.append(pool.submit(played, left.popleft()))
            # In short waits, so that Ctrl-C is heard in between.
            while not wait([waiting[0]], timeout=0.1).done:
                pass
            yield waiting.popleft().result()
    finally:
        stop.set()
        pool.shutdown(wait=True, cancel_futures=True)
