"""``playout check``: is a scenario sound, and which of its beliefs rest on nothing?"""

from __future__ import annotations

import argparse
import sys
from typing import Any

from playout.errors import ScenarioError
from playout.present.cli.arguments import add_json, add_scenario, add_verb
from playout.present.cli.printing import coloured, print_json


def add(verbs: Any) -> None:
    """The verb and its options."""
    parser = add_verb(verbs, "check", check, "is a scenario sound, and which of its beliefs rest on nothing?")
    add_scenario(parser)
    parser.add_argument("--print-program", action="store_true", help="print the Program that engines play")
    parser.add_argument(
        "--cost", action="store_true", help="print what a step costs: draws, calls, state, and a budget"
    )
    parser.add_argument("--policy", metavar="NAME", help="the policy under which the Program is printed and counted")
    add_json(parser)


def check(options: argparse.Namespace) -> None:
    """``playout check``: everything wrong with a scenario, or what a sound one holds and rests on."""
    from playout import pipeline
    from playout.compile.cost import cost
    from playout.present.costs import FUTURES, cost_lines, plain_cost
    from playout.present.verdict import plain_verdict, verdict_lines
    from playout.simulate.memory import native_memory

    verdict = pipeline.check(options.scenario, tables=options.tables)
    if verdict.scenario is None:
        raise ScenarioError(verdict.diagnostics, verdict.lines)
    wanted = options.print_program or options.cost
    program = pipeline.program_of(verdict.scenario, options.policy) if wanted else None
    memory = native_memory(program, FUTURES) if options.cost and program is not None else None
    if options.json:
        plain = plain_verdict(verdict.scenario)
        if options.print_program:
            plain["program"] = str(program)
        if program is not None and memory is not None:
            plain["cost"] = plain_cost(cost(program), memory)
        print_json(plain)
        return
    for warning in verdict.diagnostics:
        print(coloured(warning.render(verdict.lines), sys.stderr) + "\n", file=sys.stderr)
    if options.print_program:
        print(program)
    else:
        print("\n".join(verdict_lines(verdict.scenario)))
    if program is not None and memory is not None:
        print("\n".join(cost_lines(cost(program), memory)))
