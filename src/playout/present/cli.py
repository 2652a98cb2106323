"""The command line: one function a verb, which parses, calls the pipeline and prints.

Results go to standard output; progress, warnings and faults to standard error. Exit status: 0 done, 1 the scenario or
its input is at fault, 2 the command line is, 3 Playout itself is, 130 interrupted.

Arguments are parsed by argparse and everything else is imported by the verb that needs it, so that help answers at
once: it took 0.05 s where Typer took 0.11 s, and a fault of the command line can be told in our own way and as JSON.
"""

from __future__ import annotations

import argparse
import errno
import gc
import os
import re
import sys
import warnings
from typing import TYPE_CHECKING, Any, NoReturn

from playout.errors import PlayoutError, RunError, ScenarioError, UsageError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from playout.model.checked import CheckedScenario
    from playout.pipeline import Result

FLAGSHIP = "us-mexico-cartels"
RESULTS = "playout-results"
"""The folder in the working directory that results go to by default."""

VERBS = ("run", "check", "show", "list", "new", "bench")

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""What writing fails with where a disk is full, or may not be filled further, or fails itself."""

INTERNAL_FAULT = 3
INTERRUPTED = 130


def main() -> NoReturn:
    """The script `playout`."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started Playout: nobody listens
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 (as long as the process lives)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that lacks a sign shows `?` in its place
    warnings.showwarning = _show_warning
    # Trees and Programs are many objects that live to the end: looking for garbage among them took a fifth of the time.
    gc.set_threshold(50_000, 20, 100)
    sys.exit(answer(sys.argv[1:]))


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    """A warning as a sentence: where in Playout's code it came from helps nobody here."""
    print(coloured(f"warning: {message}", sys.stderr), file=sys.stderr)


def answer(arguments: Sequence[str]) -> int:
    """Do what the arguments ask; the exit status. A fault is told, never shown as a traceback."""
    as_json = "--json" in arguments
    status = 0
    try:
        try:
            options = _parser().parse_args(arguments)
            options.verb(options)
        except SystemExit:  # help and version end so
            sys.stdout.flush()
            raise
        except PlayoutError as problem:
            status = problem.exit_status
            _tell(problem, as_json)
        except MemoryError:
            status = RunError.exit_status
            _tell(RunError("there is too little memory for this: ask for less, or close other programs"), as_json)
        except Exception as fault:
            if isinstance(fault, BrokenPipeError) or os.environ.get("PLAYOUT_TRACEBACK"):
                raise
            if isinstance(fault, OSError) and fault.errno in FULL:
                raise
            status = INTERNAL_FAULT
            _tell_internal(fault, as_json)
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


# --- the verbs --------------------------------------------------------------------------------------------------------


def run(options: argparse.Namespace) -> None:
    """``playout run``: play, print the summary, write the report."""
    from playout.present.progress import progress_bar

    with progress_bar(quiet=options.quiet) as told:
        checked = _load(options, told)
        result = _play(options, checked, told)
        told("writing the report", 0, 1)
        report = result.report() if options.report else None
    if options.json:
        plain = result.summary.as_json()
        if options.trace is not None:
            plain["trace"] = result.trace(options.trace, options.trace_depth).as_json()
        _print_json({**plain, "results": str(result.folder), "report": None if report is None else str(report)})
        return
    from playout.present.terminal import Screen, place_line, summary_lines

    screen = Screen.of(sys.stdout)
    if options.trace is not None:
        from playout.present.trace import trace_lines

        print("\n".join(trace_lines(result.trace(options.trace, options.trace_depth), screen.width)))
        return
    place = place_line(result.folder, report, reused=result.reused)
    lines = summary_lines(result.summary, result.runs.checked.scenario, place, screen.width)
    print("\n".join(screen.render(lines)))


def _load(options: argparse.Namespace, told: Any) -> CheckedScenario:
    """The scenario. A name to trace that does not exist is told before anything is played."""
    from playout import pipeline
    from playout.analyse.trace import DEPTH, trace

    told("reading", 0, 1)
    checked = pipeline.load(options.scenario, tables=options.tables)
    if options.trace is not None:
        trace(checked, options.trace, DEPTH if options.trace_depth is None else options.trace_depth)
    return checked


def _play(options: argparse.Namespace, checked: CheckedScenario, told: Any) -> Result:
    from playout import pipeline
    from playout.simulate.result import scenario_name

    out = options.out or _default_folder(scenario_name(checked.scenario), options.policy, options.view)
    return pipeline.run(
        checked,
        futures=options.futures,
        seed=options.seed,
        policy=options.policy,
        view=options.view,
        engine=options.engine,
        precision=options.precision,
        out=out,
        allow_stopped=options.allow_stopped,
        until_se=options.until_se,
        weigh=options.report or options.json,
        progress=told,
    )


def _default_folder(name: str, policy: str | None, view: str | None) -> Path:
    from pathlib import Path

    parts = [name, *(part.replace("_", "-").replace("+", "-and-") for part in (policy, view) if part)]
    return Path(RESULTS) / "-".join(parts)


def check(options: argparse.Namespace) -> None:
    """``playout check``: everything wrong with a scenario, or what a sound one holds and rests on."""
    from playout import pipeline
    from playout.compile.cost import cost
    from playout.present.costs import cost_lines, plain_cost
    from playout.present.verdict import plain_verdict, verdict_lines

    verdict = pipeline.check(options.scenario, tables=options.tables)
    if verdict.scenario is None:
        raise ScenarioError(verdict.diagnostics, verdict.lines)
    wanted = options.print_program or options.cost
    program = pipeline.program_of(verdict.scenario, options.policy) if wanted else None
    if options.json:
        plain = plain_verdict(verdict.scenario)
        if options.print_program:
            plain["program"] = str(program)
        if options.cost and program is not None:
            plain["cost"] = plain_cost(cost(program))
        _print_json(plain)
        return
    for warning in verdict.diagnostics:
        print(coloured(warning.render(verdict.lines), sys.stderr) + "\n", file=sys.stderr)
    if options.print_program:
        print(program)
    else:
        print("\n".join(verdict_lines(verdict.scenario)))
    if options.cost and program is not None:
        print("\n".join(cost_lines(cost(program))))


def show(options: argparse.Namespace) -> None:
    """``playout show``: a scenario as a document, or drawn."""
    from playout import pipeline

    document = pipeline.show(options.scenario, options.what, inside=options.inside, tables=options.tables)
    if options.json:
        plain = document.as_json() if options.diagram is None else document.graph_as_json(options.diagram)
        _print_json(plain)
        return
    text = document.markdown(options.level) if options.diagram is None else document.diagram(options.diagram)
    if options.out is None:
        print(text, end="")
        return
    from pathlib import Path

    from playout.simulate.store import write_text

    place = Path(options.out)
    if place.is_dir():
        raise UsageError(f"{place} is a folder\n  hint: --out names the file to write")
    write_text(place, text)
    print(f"wrote {place}")


def list_(options: argparse.Namespace) -> None:
    """``playout list``: the installed scenarios."""
    from playout.read.installed import installed

    scenarios = installed()
    if options.json:
        _print_json({"scenarios": [{"name": s.name, "title": s.title, "about": s.about} for s in scenarios]})
        return
    import shutil
    import textwrap

    width = min(shutil.get_terminal_size().columns, 100)
    for scenario in scenarios:
        line = textwrap.shorten(scenario.about, width - 2, placeholder=" …") if scenario.about else ""
        print(f"{scenario.name}: {scenario.title}" + (f"\n  {line}" if line else ""))


def new(options: argparse.Namespace) -> None:
    """``playout new``: a small commented scenario that runs."""
    from pathlib import Path

    from playout.present.starter import write_starter

    written = write_starter(Path(options.path))
    if options.json:
        _print_json({"scenario": str(written)})
        return
    print(f"wrote {written}\n\n  playout check {options.path}\n  playout run {options.path}")


def bench(options: argparse.Namespace) -> None:
    """``playout bench``: how fast this machine plays, beside other tools that are installed."""
    from pathlib import Path

    from playout.bench.measure import FULL, QUICK, measure
    from playout.present.bench import check_place, report_lines, write_report
    from playout.present.progress import progress_bar
    from playout.present.terminal import Screen

    out = None if options.out is None else check_place(Path(options.out))
    tables = None if options.tables is None else Path(options.tables)
    with progress_bar(quiet=options.quiet) as told:
        report = measure(QUICK if options.quick else FULL, FLAGSHIP, tables, told)
    if out is not None:
        write_report(report, out)
    if options.json:
        _print_json(report.as_json())
        return
    print("\n".join(Screen.of(sys.stdout).render(report_lines(report, out))))


# --- what is said of faults -------------------------------------------------------------------------------------------


def _tell(problem: PlayoutError, as_json: bool) -> None:
    text = str(problem)
    if not isinstance(problem, ScenarioError):
        text = f"error: {text}"
    print(coloured(text, sys.stderr), file=sys.stderr)
    if as_json:
        diagnostics = [d.as_json() for d in problem.diagnostics] if isinstance(problem, ScenarioError) else []
        message = f"{len(diagnostics)} found" if diagnostics else str(problem)
        kind = type(problem).__name__
        fault = {"kind": kind, "message": message, "exit_status": problem.exit_status}
        _print_json({"error": fault, "diagnostics": diagnostics})


def _tell_internal(fault: Exception, as_json: bool) -> None:
    what = f"{type(fault).__name__}: {fault}".splitlines()[0][:300]
    message = f"a fault of Playout itself ({what})"
    hint = "  hint: please report it, with the scenario; PLAYOUT_TRACEBACK=1 shows where it happened"
    print(coloured(f"error: {message}\n{hint}", sys.stderr), file=sys.stderr)
    if as_json:
        error = {"kind": "InternalFault", "message": message, "exit_status": INTERNAL_FAULT}
        _print_json({"error": error, "diagnostics": []})


def coloured(text: str, stream: Any) -> str:
    """Diagnostics with colour on a terminal: what kind it is, the caret and the hint. ``NO_COLOR`` turns it off."""
    if not stream.isatty() or os.environ.get("NO_COLOR"):
        return text
    text = re.sub(r"^(\S+:\d+:\d+: )?(error)(\[[^\]]+\])?:", "\\1\033[1;31m\\2\\3\033[0m:", text, flags=re.MULTILINE)
    text = re.sub(r"^(\S+:\d+:\d+: )?(warning)(\[[^\]]+\])?:", "\\1\033[1;33m\\2\\3\033[0m:", text, flags=re.MULTILINE)
    text = re.sub(r"^(  \| +)(\^+)$", "\\1\033[1m\\2\033[0m", text, flags=re.MULTILINE)
    return re.sub(r"^  hint:", "  \033[36mhint\033[0m:", text, flags=re.MULTILINE)


def _print_json(plain: object) -> None:
    import json

    print(json.dumps(plain, ensure_ascii=False, allow_nan=False))


# --- arguments --------------------------------------------------------------------------------------------------------


class _Parser(argparse.ArgumentParser):
    """Faults of the command line are UsageErrors, so that they are told like all others."""

    def error(self, message: str) -> NoReturn:
        wrong = re.match(r"argument VERB: invalid choice: '(.*?)'", message)
        if wrong:
            hint = did_you_mean(wrong[1], VERBS) or "`playout --help` lists the verbs"
            raise UsageError(f"there is no verb `{wrong[1]}`\n  hint: {hint}")
        raise UsageError(f"{message}\n  hint: `{self.prog} --help` lists what there is")


class _Version(argparse.Action):
    """``--version``: which is looked up only when asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        import playout

        print(f"playout {playout.__version__}")
        parser.exit()


def _whole(text: str) -> int:
    try:
        return int(text.replace(",", "").replace("_", ""))
    except ValueError:
        raise argparse.ArgumentTypeError(f"`{text}` is not a whole number") from None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"`{text}` is not a number") from None


def _share(text: str) -> float:
    try:
        share = float(text[:-1]) / 100 if text.endswith("%") else float(text)
    except ValueError:
        share = -1.0
    if not 0.0 <= share <= 1.0:
        raise argparse.ArgumentTypeError(f"`{text}` is not a share from 0 to 1")
    return share


def _level(text: str) -> int:
    level = int(text) if text.isdecimal() else 0
    if not 1 <= level <= 6:
        raise argparse.ArgumentTypeError(f"`{text}` is not a level from 1 to 6")
    return level


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="playout",
        description="Makes a written policy scenario executable: check it, play it out many thousand times, see how it "
        "could unfold.",
        epilog="Without a verb this help is printed. `playout VERB --help` lists the options of a verb.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print Playout's version and exit")
    parser.set_defaults(verb=lambda _: parser.print_help())
    verbs = parser.add_subparsers(metavar="VERB", title="verbs")
    _add_run(verbs)
    _add_check(verbs)
    _add_show(verbs)
    listing = _add(verbs, "list", list_, "name the installed scenarios")
    _add_json(listing)
    starting = _add(verbs, "new", new, "write a small commented scenario that runs")
    starting.add_argument("path", metavar="NAME", help="a folder to make, or a file that ends in .yaml")
    _add_json(starting)
    _add_bench(verbs)
    return parser


def _add(verbs: Any, name: str, verb: object, about: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = verbs.add_parser(
        name, help=about, description=about[0].upper() + about[1:], allow_abbrev=False
    )
    parser.set_defaults(verb=verb)
    return parser


def _add_scenario(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "scenario",
        metavar="SCENARIO",
        nargs="?",
        default=FLAGSHIP,
        help=f"a file, a folder with a scenario.yaml, or an installed scenario's name (default: {FLAGSHIP})",
    )
    parser.add_argument("--tables", metavar="FOLDER", help="where the CSV files of tables and sets are looked for")


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--json", action="store_true", help="print one JSON object, and nothing else, on standard output"
    )


def _add_run(verbs: Any) -> None:
    parser = _add(verbs, "run", run, "play a scenario: how could it unfold?")
    _add_scenario(parser)
    add = parser.add_argument
    add("--futures", metavar="N", type=_whole, help="how many to play (default: 10,000); with --until-se, at most")
    add("--until-se", metavar="X", type=_number, help="play until no standard error of the odds is larger")
    add("--seed", metavar="N", type=_whole, default=1, help="the seed of all draws: the same seed, the same result (1)")
    add("--policy", metavar="NAME", help="play under a policy, or several joined by +")
    add("--view", metavar="NAME", help="hold one view instead of drawing views by credence")
    add("--engine", metavar="native|numpy", default="native", help="what plays it (default: native, machine code)")
    add("--precision", metavar="single|double", help="the numbers it computes in (default: single; numpy: double)")
    add("--out", metavar="FOLDER", help=f"where results and report go (default: a folder in {RESULTS}/)")
    add("--allow-stopped", metavar="SHARE", type=_share, default=0.01, help="the share of futures that may stop (0.01)")
    add("--report", action=argparse.BooleanOptionalAction, default=True, help="write an HTML report, or not")
    add("--trace", metavar="NAME", help="print what a result rests on: equations, beliefs, evidence, sources")
    add("--trace-depth", metavar="N", type=_whole, help="how many links a trace goes back (8)")
    add("--quiet", action="store_true", help="no progress on standard error")
    _add_json(parser)


def _add_check(verbs: Any) -> None:
    parser = _add(verbs, "check", check, "is a scenario sound, and which of its beliefs rest on nothing?")
    _add_scenario(parser)
    parser.add_argument("--print-program", action="store_true", help="print the Program that engines play")
    parser.add_argument(
        "--cost", action="store_true", help="print what a step costs: draws, calls, state, and a budget"
    )
    parser.add_argument("--policy", metavar="NAME", help="the policy under which the Program is printed and counted")
    _add_json(parser)


def _add_show(verbs: Any) -> None:
    parser = _add(verbs, "show", show, "read a scenario as a document: its equations, beliefs, evidence and the rest")
    _add_scenario(parser)
    add = parser.add_argument
    add(
        "what",
        metavar="WHAT",
        nargs="*",
        help="a section such as beliefs or tracks, coverage, or a name (default: all)",
    )
    add("--in", dest="inside", metavar="PLACE", type=_names, default=(), help="only what stands in a system or file")
    add("--diagram", choices=("stages", "causes"), help="draw the stages of a track, or what feeds what, as SVG")
    add("--level", metavar="N", type=_level, default=2, help="the level that headings begin at (default: 2)")
    add("--out", metavar="FILE", help="write it there instead of printing it")
    _add_json(parser)


def _add_bench(verbs: Any) -> None:
    parser = _add(verbs, "bench", bench, "how fast does this machine play, beside other tools?")
    add = parser.add_argument
    add("--quick", action="store_true", help="half a minute and rough figures, instead of some minutes")
    add("--tables", metavar="FOLDER", help="the recruitment model's published tables: then it is measured too")
    add("--out", metavar="FILE", help="a JSON file that the figures are written to as well")
    add("--quiet", action="store_true", help="no progress on standard error")
    _add_json(parser)
