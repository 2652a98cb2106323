"""What arguments are made of: kinds of values, options that several verbs share, and faults told as UsageErrors."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from typing import Any, NoReturn

from playout.errors import UsageError, did_you_mean

FLAGSHIP = "us-mexico-cartels"
RESULTS = "playout-results"
"""The folder in the working directory that results go to by default."""


class Parser(argparse.ArgumentParser):
    """Faults of the command line are UsageErrors, so that they are told like all others."""

    def error(self, message: str) -> NoReturn:
        wrong = re.match(r"argument VERB: invalid choice: '(.*?)' \(choose from (.*)\)", message)
        if wrong:
            hint = did_you_mean(wrong[1], re.findall(r"[\w-]+", wrong[2])) or "`playout --help` lists the verbs"
            raise UsageError(f"there is no verb `{wrong[1]}`\n  hint: {hint}")
        raise UsageError(f"{message}\n  hint: `{self.prog} --help` lists what there is")

    def refuse(self, strange: Sequence[str]) -> NoReturn:
        """Arguments that the verb does not know."""
        options = re.findall(r"--[\w-]+", self.format_usage())
        meant = did_you_mean(strange[0].partition("=")[0], options)
        also = f"{meant} " if meant else ""
        flags = [own for own in strange if own.startswith("-")] or strange
        what = f"`{self.prog}` knows no {' '.join(f'`{own}`' for own in flags)}"
        raise UsageError(f"{what}\n  hint: {also}`{self.prog} --help` lists what there is")


def whole(text: str) -> int:
    """A whole number, with or without separators of thousands."""
    try:
        return int(text.replace(",", "").replace("_", ""))
    except ValueError:
        raise argparse.ArgumentTypeError(f"`{text}` is not a whole number") from None


def number(text: str) -> float:
    """Any number."""
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"`{text}` is not a number") from None


def share(text: str) -> float:
    """A share from 0 to 1, or in percent."""
    try:
        part = float(text[:-1]) / 100 if text.endswith("%") else float(text)
    except ValueError:
        part = -1.0
    if not 0.0 <= part <= 1.0:
        raise argparse.ArgumentTypeError(f"`{text}` is not a share from 0 to 1")
    return part


def level(text: str) -> int:
    """The level of a heading."""
    found = int(text) if text.isdecimal() else 0
    if not 1 <= found <= 6:
        raise argparse.ArgumentTypeError(f"`{text}` is not a level from 1 to 6")
    return found


def names(text: str) -> list[str]:
    """Names with commas between them; a comma inside brackets belongs to a name."""
    return [name.strip() for name in re.split(r",(?![^\[\]]*\])", text) if name.strip()]


def add_verb(verbs: Any, name: str, verb: object, about: str) -> argparse.ArgumentParser:
    """The parser of a verb. verb: the function that does it; about: the question it answers."""
    parser: argparse.ArgumentParser = verbs.add_parser(
        name, help=about, description=about[0].upper() + about[1:], allow_abbrev=False
    )
    parser.set_defaults(verb=verb, parser=parser)
    return parser


def add_scenario(parser: argparse.ArgumentParser) -> None:
    """Which scenario, and where its tables are."""
    parser.add_argument(
        "scenario",
        metavar="SCENARIO",
        nargs="?",
        default=FLAGSHIP,
        help=f"a file, a folder with a scenario.yaml, or an installed scenario's name (default: {FLAGSHIP})",
    )
    parser.add_argument("--tables", metavar="FOLDER", help="where the CSV files of tables and sets are looked for")


def add_json(parser: argparse.ArgumentParser) -> None:
    """Whether a program reads the answer."""
    parser.add_argument(
        "--json", action="store_true", help="print one JSON object, and nothing else, on standard output"
    )


def add_quiet(parser: argparse.ArgumentParser) -> None:
    """Whether progress is told."""
    parser.add_argument("--quiet", action="store_true", help="no progress on standard error")


def add_seed(parser: argparse.ArgumentParser) -> None:
    """Which draws."""
    parser.add_argument(
        "--seed", metavar="N", type=whole, default=1, help="the seed of all draws: the same seed, the same result (1)"
    )


def add_engine(parser: argparse.ArgumentParser) -> None:
    """Which draws, and what plays them."""
    add_seed(parser)
    add = parser.add_argument
    add("--engine", metavar="native|numpy", default="native", help="what plays it (default: native, machine code)")
    add("--precision", metavar="single|double", help="the numbers it computes in (default: single; numpy: double)")


def add_held(parser: argparse.ArgumentParser) -> None:
    """Under which policy, and which view."""
    add = parser.add_argument
    add("--policy", metavar="NAME", help="play under a policy, or several joined by +")
    add("--view", metavar="NAME", help="hold one view instead of drawing views by credence")


def add_playing(parser: argparse.ArgumentParser, futures: str = "10,000") -> None:
    """How futures are played. futures: how many, as the help says it."""
    add = parser.add_argument
    add("--futures", metavar="N", type=whole, help=f"how many to play (default: {futures})")
    add_engine(parser)
    add_stopped(parser)


def add_stopped(parser: argparse.ArgumentParser) -> None:
    """How many futures may stop."""
    add = parser.add_argument
    add("--allow-stopped", metavar="SHARE", type=share, default=0.01, help="the share of futures that may stop (0.01)")
