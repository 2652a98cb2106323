"""The command line: one module a verb, which parses, calls the pipeline and prints.

Results go to standard output; progress, warnings and faults to standard error. Exit status: 0 done, 1 the scenario or
its input is at fault, 2 the command line is, 3 Playout itself is, 130 interrupted.

Arguments are parsed by argparse and everything else is imported by the verb that needs it, so that help answers at
once: it took 0.05 s where Typer took 0.11 s, and a fault of the command line can be told in our own way and as JSON.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import gc
import os
import sys
import warnings
from typing import TYPE_CHECKING, NoReturn

from playout.errors import PlayoutError, RunError
from playout.present.cli import (
    bargain,
    bench,
    check,
    compare,
    discover,
    explain,
    plot,
    report,
    run,
    scenarios,
    serve,
    show,
    stories,
)
from playout.present.cli.arguments import Parser
from playout.present.cli.encoding import write_nearest
from playout.present.cli.printing import INTERNAL_FAULT, coloured, tell, tell_internal
from playout.simulate.process import files_allowed

if TYPE_CHECKING:
    from collections.abc import Sequence

VERBS = (run, compare, explain, discover, stories, bargain, report, plot, serve, check, show, scenarios, bench)
"""The modules of the verbs, in the order in which help lists them."""

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""What writing fails with where a disk is full, or may not be filled further, or fails itself."""

TOO_FEW = (errno.EMFILE, errno.ENFILE)
"""What opening a file fails with where a process, or the machine, may have no more open."""

FEWEST = 16
"""Files that a process has to be allowed to open."""

INTERRUPTED = 130


def main() -> NoReturn:
    """The script `playout`."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started Playout: nobody listens
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 (as long as the process lives)
    for stream in (sys.stdout, sys.stderr):
        write_nearest(stream)
    _mend_environment()
    warnings.showwarning = _show_warning
    # Trees and Programs are many objects that live to the end: looking for garbage among them took a fifth of the time.
    gc.set_threshold(50_000, 20, 100)
    sys.exit(answer(sys.argv[1:]))


def _mend_environment() -> None:
    """Take away settings of libraries that would end the process: polars cannot work without threads."""
    with contextlib.suppress(ValueError):
        if int(os.environ.get("POLARS_MAX_THREADS", "1")) == 0:
            del os.environ["POLARS_MAX_THREADS"]


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    """A warning as a sentence: where in Playout's code it came from helps nobody here."""
    print(coloured(f"warning: {message}", sys.stderr), file=sys.stderr)


def answer(arguments: Sequence[str]) -> int:
    """Do what the arguments ask; the exit status. A fault is told, never shown as a traceback."""
    as_json = "--json" in arguments
    status = 0
    try:
        try:
            options, strange = _parser().parse_known_args(arguments)
            if strange:
                options.parser.refuse(strange)
            if files_allowed() < FEWEST:  # libraries that find none left end the process
                raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
            options.verb(options)
        except SystemExit:  # help and version end so
            sys.stdout.flush()
            raise
        except PlayoutError as problem:
            status = problem.exit_status
            tell(problem, as_json)
        except MemoryError:
            status = RunError.exit_status
            tell(RunError("there is too little memory for this: ask for less, or close other programs"), as_json)
        except Exception as fault:
            if isinstance(fault, BrokenPipeError) or os.environ.get("PLAYOUT_TRACEBACK"):
                raise
            if isinstance(fault, OSError) and fault.errno in FULL:
                raise
            if isinstance(fault, OSError) and fault.errno in TOO_FEW:
                status = RunError.exit_status
                tell(RunError("too few files may be open at a time: allow more, with `ulimit -n 256` say"), as_json)
                return status
            status = INTERNAL_FAULT
            tell_internal(fault, as_json)
        sys.stdout.flush()
    except KeyboardInterrupt as stop:
        print(f"\nstopped: {stop}" if str(stop) else "\nstopped", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # whoever read the output has gone, `head` say
        _silence_output()
    except OSError as problem:
        if os.environ.get("PLAYOUT_TRACEBACK"):
            raise
        _silence_output()
        status = RunError.exit_status
        text = f"error: the output cannot be written: {problem.strerror or problem}"
        print(coloured(text, sys.stderr), file=sys.stderr)
    return status


def _silence_output() -> None:
    """Nobody can be told anything more; so that Python's own flush at the end does not fail."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


# --- arguments --------------------------------------------------------------------------------------------------------


class Version(argparse.Action):
    """``--version``: which is looked up only when asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        import playout

        print(f"playout {playout.__version__}")
        parser.exit()


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="playout",
        description="Makes a written policy scenario executable: check it, play it out many thousand times, see how it "
        "could unfold.",
        epilog="Without a verb this help is printed. `playout VERB --help` lists the options of a verb.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=Version, nargs=0, help="print Playout's version and exit")
    parser.set_defaults(verb=lambda _: parser.print_help(), parser=parser)
    verbs = parser.add_subparsers(metavar="VERB", title="verbs")
    for verb in VERBS:
        verb.add(verbs)
    return parser
