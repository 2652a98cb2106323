"""Plays one tool in a process of its own: `python -m playout.bench.worker MODULE ARGUMENTS`, both asked in JSON lines.

It says when it is ready, or why it never will be; then it answers each request for futures with the time they took and
the sums of their outputs. Requests come by standard input and answers leave by standard output, which nothing that a
tool prints may reach. The end of its input ends it.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import time

import numpy as np

from playout.bench.peers import Missing

PEERS = "playout.bench.peers"


def main(module: str, arguments: str) -> None:
    """module: a peer's. arguments: a JSON object, of its `player`."""
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # the terminal's Ctrl-C reaches workers too; who started them acts on it
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def answer(found: dict[str, object]) -> None:
        answers.write(json.dumps(found) + "\n")
        answers.flush()

    begun = time.perf_counter()
    try:
        peer = importlib.import_module(f"{PEERS}.{module}")
        imported = time.perf_counter()
        play = peer.player(**json.loads(arguments))
    except Missing as why:
        answer({"missing": str(why)})
        return
    except ImportError as why:
        answer({"missing": f"cannot be loaded: {why}"})
        return
    answer({"import": imported - begun, "prepare": time.perf_counter() - imported})
    for line in sys.stdin:
        request = json.loads(line)
        begun, used = time.monotonic(), time.process_time()
        outputs = play(request["first"], request["futures"])
        used, ended = time.process_time() - used, time.monotonic()
        outputs = np.asarray(outputs, np.float64)
        answer(
            {
                "begun": begun, "ended": ended, "processor": used, "futures": outputs.shape[1],
                "sums": outputs.sum(1).tolist(), "squares": np.square(outputs).sum(1).tolist(),
            }
        )  # fmt: skip


if __name__ == "__main__":
    main(*sys.argv[1:])
