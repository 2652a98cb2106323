"""``playout explain``: which beliefs decide the outcome, and what would it be worth to know them?"""

from __future__ import annotations

import argparse
from typing import Any

from playout.errors import UsageError
from playout.present.cli.arguments import (
    add_engine,
    add_held,
    add_json,
    add_quiet,
    add_scenario,
    add_stopped,
    add_verb,
    names,
    whole,
)
from playout.present.cli.pictures import add_chart, check_picture, picture_lines
from playout.present.cli.printing import print_json, print_lines


def add(verbs: Any) -> None:
    """The verb and its options."""
    parser = add_verb(verbs, "explain", explain, "which beliefs decide an outcome, and what is it worth to know them?")
    add_scenario(parser)
    option = parser.add_argument
    option(
        "--outcome",
        metavar="NAME",
        help="a question, measure, measure.level, track.stage or decision.option (the headline's)",
    )
    option("--method", metavar="sobol|morris|delta", help="shares of variance, elementary effects, distances (sobol)")
    option("--samples", metavar="N", type=whole, help="rows (2,048), trajectories (64) or futures (20,000)")
    option("--second-order", action="store_true", help="what pairs of the first factors do together (sobol)")
    option("--beliefs", metavar="NAMES", type=names, help="only these beliefs, members and groups, with commas")
    option("--by", metavar="belief|member", default="belief", help="vary a belief's members as one, or apart (belief)")
    add_held(parser)
    option("--objective", metavar="TEXT", help="what is wanted, as in 'less homicides': what is it worth to know more?")
    option(
        "--policies",
        metavar="NAMES",
        type=names,
        help="what is chosen among for it (default: all policies but switches)",
    )
    add_chart(parser, "what decides it")
    option("--draw", metavar="NAME", help="which picture: tornado, interactions, morris, delta or information")
    add_engine(parser)
    add_stopped(parser)
    add_quiet(parser)
    add_json(parser)


def explain(options: argparse.Namespace) -> None:
    """``playout explain``: play what the method wants, print what decides, draw it where asked."""
    from playout.pipeline.explain import Question
    from playout.pipeline.explain import explain as explain_outcome
    from playout.present.progress import progress_bar

    if options.chart is None and options.draw is not None:
        raise UsageError("say where the picture goes: `--chart FILE`")
    check_picture(options.chart)
    with progress_bar(quiet=options.quiet) as told:
        question = Question(
            outcome=options.outcome,
            method=options.method,
            samples=options.samples,
            beliefs=options.beliefs,
            by=options.by,
            second_order=options.second_order,
            objective=options.objective,
            policies=options.policies,
        )
        explained = explain_outcome(
            options.scenario,
            question,
            policy=options.policy,
            view=options.view,
            seed=options.seed,
            engine=options.engine,
            precision=options.precision,
            tables=options.tables,
            allow_stopped=options.allow_stopped,
            progress=told,
        )
        if options.chart is not None:
            explained.chart(options.draw).save(options.chart)
    if options.json:
        print_json({**explained.as_json(), "chart": options.chart})
        return
    from playout.present.explained_lines import explain_lines

    print_lines(lambda width: [*explain_lines(explained, width), *picture_lines(options.chart)])
