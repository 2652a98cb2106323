"""Object code kept on disk, so that a scenario compiles once on a machine.

An entry's name is the hash of everything the code depends on: the module's text (which holds the Program), the versions
of this package and of LLVM, the processor and its features. The hash in the entry covers that name and the code, so
that code put in the place of other code is never loaded. Tables are not in the text: the same code serves other
numbers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version

from playout.compile.keep import kept
from playout.compile.native.target import Target


def object_code(text: str, target: Target, make: Callable[[], bytes]) -> bytes:
    """The object code of a module: from the cache where it is, else made and kept."""
    return kept(f"{_name(text, target)}.o", make, "compiled code could not be kept", "the next run compiles again")


def _name(text: str, target: Target) -> str:
    try:
        package = version("playout")
    except PackageNotFoundError:
        package = "source"
    digest = hashlib.sha256()
    for part in (package, target.identity, text):
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()
