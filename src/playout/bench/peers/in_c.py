"""The synthetic workload in C (`synthetic.c`), compiled here where there is a compiler, and played by threads."""

from __future__ import annotations

import ctypes
import platform
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from playout.bench import workload
from playout.bench.peers import Missing, Outputs, Play
from playout.bench.play import SEED

LANES = 32
"""Futures that the C program plays side by side."""

FLAGS = ("-O3", "-march=native", "-ffast-math", "-fopenmp-simd", "-fPIC")
WIDE = ("-mprefer-vector-width=512",)
"""For x86-64, where compilers prefer vectors of half the width."""


def player(cores: int) -> Play:
    """Compile, and play with a thread a core. A Missing without a compiler, or where it fails."""
    program = _compiled()
    seed = (ctypes.c_uint32(SEED), ctypes.c_uint32(0))

    def play(first: int, futures: int) -> Outputs:
        low, high = first // LANES, -(-(first + futures) // LANES)
        out = np.empty((high - low, len(workload.OUTPUTS), LANES), np.float32)
        size = max(1, -(-(high - low) // (4 * cores)))

        def part(start: int) -> None:
            place = out[start - low :].ctypes.data_as(ctypes.c_void_p)
            program.play(start, min(start + size, high), *seed, place)

        with ThreadPoolExecutor(cores) as pool:
            list(pool.map(part, range(low, high, size)))
        return out.transpose(1, 0, 2).reshape(len(workload.OUTPUTS), -1)

    return play


def _compiled() -> ctypes.CDLL:
    compiler = shutil.which("gcc") or shutil.which("clang") or shutil.which("cc")
    if compiler is None:
        raise Missing("no C compiler: install gcc or clang")
    flags = [*FLAGS, *(WIDE if platform.machine() in ("x86_64", "AMD64") else ())]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "synthetic.c"
        path.write_text(workload.source(path.name), encoding="utf-8")
        _run(compiler, *flags, "-c", path, "-o", path.with_suffix(".o"))
        # Linked without -ffast-math, with which a library would take denormal numbers from its whole process.
        _run(compiler, "-shared", path.with_suffix(".o"), "-lm", "-o", path.with_suffix(".so"))
        return ctypes.CDLL(str(path.with_suffix(".so")))


def _run(*command: str | Path) -> None:
    made = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    if made.returncode:
        raise Missing(f"{command[0]} failed: {(made.stderr.strip() or 'no message').splitlines()[0]}")
