"""``playout serve``: the same, live in the browser."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from pathlib import Path
from typing import Any

from playout.errors import InputError
from playout.present.cli.arguments import add_verb, number, whole

TOKEN = "PLAYOUT_TOKEN"
"""The variable of the environment that the token is read from where no option gives it."""


def add(verbs: Any) -> None:
    """The verb and its options."""
    parser = add_verb(verbs, "serve", serve, "play scenarios live in the browser")
    option = parser.add_argument
    option(
        "scenarios",
        metavar="SCENARIO",
        nargs="*",
        help="files or folders that are served beside the installed scenarios; the page opens with the first",
    )
    option("--port", metavar="N", type=whole, default=8765, help="where it listens; 0 for any port that is free (8765)")
    option("--host", metavar="HOST", default="127.0.0.1", help="the address it listens on (127.0.0.1: this machine)")
    option("--token-file", metavar="FILE", help=f"holds what clients have to know; needed with --host (else ${TOKEN})")
    option("--allow-upload", action="store_true", help="take scenarios that clients send")
    option("--max-futures", metavar="N", type=whole, default=200_000, help="the most futures of one run (200,000)")
    option("--max-seconds", metavar="S", type=number, default=60.0, help="the longest that one run may take (60)")
    option("--open", action="store_true", help="open the page in a browser")


def _token(file: str | None) -> str | None:
    """What clients have to know. It is no argument: everybody on a machine can read those of every process."""
    if file is None:
        return os.environ.get(TOKEN) or None
    from playout.read.files import Unreadable, read_text_file

    try:
        text = read_text_file(Path(file), 10_000, "a file with a token").strip()
    except Unreadable as problem:
        raise InputError(f"{file} {problem.sentence}") from problem
    if not text or any(not sign.isprintable() or sign.isspace() for sign in text):
        raise InputError(f"{file} holds no token: write one word into it")
    return text


def serve(options: argparse.Namespace) -> None:
    """``playout serve``: serve until Ctrl-C or SIGTERM."""
    from playout.present.web.options import Options
    from playout.present.web.server import serve as serve_until_stopped

    token = _token(options.token_file)
    entry = secrets.token_urlsafe(24) if token and options.open else None
    wanted = Options(
        scenarios=tuple(options.scenarios),
        host=options.host,
        port=options.port,
        token=token,
        entry=entry,
        allow_upload=options.allow_upload,
        most_futures=options.max_futures,
        most_seconds=options.max_seconds,
    )

    def ready(address: str) -> None:
        """Say where it is."""
        shown = f"{address}?token=…" if token else address
        print(f"Playout is at {shown}\nCtrl-C stops it.", flush=True)
        if options.open:
            import webbrowser

            webbrowser.open(f"{address}?token={entry}" if entry else address)

    if serve_until_stopped(wanted, ready):
        raise KeyboardInterrupt
    print("stopped", file=sys.stderr)
