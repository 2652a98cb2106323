"""What machine this is, and whether something else keeps it busy."""

from __future__ import annotations

import os
import platform
from dataclasses import asdict, dataclass
from pathlib import Path

from playout.bench.play import cores
from playout.simulate.memory import machine_memory

FEATURES = ("avx2", "fma", "avx512f", "avx512dq", "avx512vl", "neon", "sve")
"""Of a processor, that the speed of vectors depends on."""

BUSY = 0.3
"""Load a core above which figures by the clock are not to be trusted."""


@dataclass(frozen=True, slots=True)
class Machine:
    """memory: bytes. load: processes that ran or waited over the minute before, on average; None where not told."""

    processor: str
    features: tuple[str, ...]
    cores: int
    memory: float
    system: str
    python: str
    load: float | None

    @property
    def quiet(self) -> bool:
        """Whether nothing else kept the machine busy."""
        return self.load is None or self.load <= BUSY * self.cores

    def as_json(self) -> dict[str, object]:
        return {**asdict(self), "features": list(self.features), "quiet": self.quiet}


def this_machine() -> Machine:
    """The machine as it is now."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return Machine(
        _processor(), _features(), cores(), machine_memory(), f"{platform.system()} {platform.machine()}",
        platform.python_version(), load,
    )  # fmt: skip


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return f"{named or platform.processor() or platform.machine()}{_kind()}"


def _kind() -> str:
    """The processor as LLVM names it, which knows its generation."""
    try:
        import llvmlite.binding as llvm
    except ImportError:
        return ""
    return f" ({llvm.get_host_cpu_name()})"


def _features() -> tuple[str, ...]:
    try:
        import llvmlite.binding as llvm

        known = llvm.get_host_cpu_features()
    except (ImportError, RuntimeError):
        return ()
    return tuple(name for name in FEATURES if known.get(name))
