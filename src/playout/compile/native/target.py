"""The processor that code is made for: the one place that knows its features and vector widths."""

from __future__ import annotations

import ctypes
import functools
from dataclasses import dataclass
from typing import Literal, TypeAlias

import llvmlite
import llvmlite.binding as llvm

Precision: TypeAlias = Literal["single", "double"]


_LEVEL = 1
"""How hard the code generator tries: the second level takes a tenth longer for code that is no faster."""


class NoTarget(Exception):
    """llvmlite cannot make code here that gives the promised numbers; the message says why."""


@dataclass(frozen=True, slots=True)
class Target:
    """A processor as LLVM names it, and how many futures are played side by side in each precision: two of its vectors,
    so that one computes while the other waits. ``x86``: the bits of its vectors where
    they are AVX-512's (512) or AVX2's (256), whose own instructions serve; 0 elsewhere."""

    triple: str
    cpu: str
    features: str
    single: int
    double: int
    x86: int = 0

    def lanes(self, precision: Precision) -> int:
        """Futures side by side."""
        return self.single if precision == "single" else self.double

    @property
    def identity(self) -> str:
        """What object code made for this target depends on."""
        version = ".".join(map(str, llvm.llvm_version_info))
        return f"{llvmlite.__version__} LLVM {version} O{_LEVEL} {self.triple} {self.cpu} {self.features}"

    def machine(self) -> llvm.TargetMachine:
        """A new LLVM target machine; one serves one thread at a time."""
        return llvm.Target.from_triple(self.triple).create_target_machine(
            cpu=self.cpu, features=self.features, opt=_LEVEL, reloc="pic", codemodel="small"
        )


@functools.cache
def host() -> Target:
    """The processor that runs this; a NoTarget where it has no fused multiply-add or LLVM none of its code."""
    try:
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        features = dict(llvm.get_host_cpu_features())
        triple, cpu = llvm.get_process_triple(), llvm.get_host_cpu_name()
    except RuntimeError as problem:
        raise NoTarget(f"LLVM knows no processor here: {problem}") from problem
    if ctypes.sizeof(ctypes.c_void_p) != 8:
        raise NoTarget("machine code is made for 64-bit processes only")
    x86 = triple.startswith("x86_64")
    if x86 and not features.get("fma"):
        raise NoTarget(f"the processor ({cpu}) has no fused multiply-add")
    if x86 and features.get("avx512f") and features.get("avx512dq") and features.get("avx512vl"):
        bits = 512
        features["prefer-256-bit"] = False
    elif x86:
        bits = 256
    else:
        bits = 128
    flat = ",".join(("+" if on else "-") + name for name, on in sorted(features.items()))
    return Target(triple, cpu, flat, 2 * bits // 32, 2 * bits // 64, bits if bits == 512 or features.get("avx2") else 0)
