"""The meaning of a step, in plain Python: one future of a checked scenario, played with floats, dicts and loops.

What an engine does is right if it agrees with this, and this is right if it reads like the language's own description
of a step. It takes the typed trees as the checks leave them and knows nothing of Programs, arrays or engines. From the
package it borrows the trees, the quantile functions and the name of a stream; it has a Philox of its own.

    state.py     what is known at a step's start, and what comes out
    draws.py     random words, and laws drawn inside a run
    moment.py    a step as seen from its state: any value asked of it is worked out on the spot
    game.py      games: solved and played
    future.py    from one state to the next: flows, effects, splinters, tracks
    report.py    measures, answers, and what stops a future
"""

from interpreter.future import play
from interpreter.state import Members, Played

__all__ = ["Members", "Played", "play"]
