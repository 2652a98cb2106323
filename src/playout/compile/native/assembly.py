"""IR text → object code → functions that ctypes can call."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterable
from concurrent.futures import Future, wait

import llvmlite.binding as llvm

from playout.compile.native.target import Target

_LOCK = threading.Lock()


def attributes(lanes: int, kind: str) -> str:
    """The attributes of every function: vectors as wide as asked for, no signalling of anything, and a stack aligned to
    the vectors: LLVM would put those that find no register across cache lines, as chance has it in each thread."""
    bits = max(128, lanes * (32 if kind == "float" else 64))
    widths = f'"min-legal-vector-width"="{bits}" "prefer-vector-width"="{bits}"'
    return f'attributes #0 = {{ nounwind {widths} "stackrealign" }}'


def module_text(functions: Iterable[str], declarations: Iterable[str], attribute_line: str) -> str:
    """A whole module."""
    return "\n\n".join([*functions, "\n".join(sorted(declarations)), attribute_line, _RARE]) + "\n"


_RARE = '!0 = !{!"branch_weights", i32 1, i32 100000}'
"""What a branch refers to whose condition nearly never holds."""


def compile_object(text: str, target: Target) -> bytes:
    """Optimise a module and turn it into object code. LLVM cannot be stopped: a thread of its own waits for it, so that
    Ctrl-C is heard meanwhile."""
    made: Future[bytes] = Future()

    def make() -> None:
        try:
            made.set_result(_compile(text, target))
        except Exception as fault:  # noqa: BLE001 (it is told where it is waited for)
            made.set_exception(fault)

    threading.Thread(target=make, name="playout-compile", daemon=True).start()
    while not wait([made], timeout=0.1).done:
        pass
    return made.result()


def _compile(text: str, target: Target) -> bytes:
    with _LOCK:
        module = llvm.parse_assembly(text)
        module.verify()
        machine = target.machine()
        options = llvm.create_pipeline_tuning_options(1)
        builder = llvm.create_pass_builder(machine, options)
        passes = llvm.create_new_module_pass_manager()
        passes.add_simplify_cfg_pass()
        passes.add_instruction_combine_pass()
        passes.add_aggressive_dce_pass()
        passes.run(module, builder)
        return bytes(machine.emit_object(module))


class Loaded:
    """Object code in memory, with its functions by name. Keeps the memory for as long as it lives."""

    def __init__(self, code: bytes, target: Target) -> None:
        with _LOCK:
            empty = llvm.parse_assembly("")
            self._engine = llvm.create_mcjit_compiler(empty, target.machine(), use_lmm=True)
            self._engine.add_object_file(llvm.ObjectFileRef.from_data(code))
            self._engine.finalize_object()

    def function(self, name: str, *arguments: type) -> ctypes._CFuncPtr:  # type: ignore[name-defined]  # private in ctypes' stubs
        """A function that returns nothing."""
        address = self._engine.get_function_address(name)
        assert address, f"the object code has no {name}"
        return ctypes.CFUNCTYPE(None, *arguments)(address)
