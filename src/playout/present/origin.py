"""Where the numbers of a text come from: paths into what a run prints as JSON.

A path names keys and positions from the root, with slashes: ``stages/campaign/striking/reached``,
``measures/homicides/difference/p05/3``. ``*`` stands for any key. Before a path, ``sum:`` adds up the list it leads to
and ``len:`` counts it. Several paths have ``;`` between them. Beside paths there are three words: ``scenario`` for what
the scenario's files say, ``text`` for numbers of an explanation, ``made`` for versions and hashes.
"""

from __future__ import annotations

from markupsafe import Markup, escape


class Told(str):
    """A text that knows where its numbers come from. Joined to other text it is plain text again."""

    __slots__ = ("origin",)
    origin: str

    def __new__(cls, text: str, *paths: str) -> Told:
        made = super().__new__(cls, text)
        made.origin = ";".join(dict.fromkeys(path for path in paths if path))
        return made


def over_views(path: str) -> str:
    """A path of a share, and the same in each view."""
    return f"{path};views/*/{path}"


def stage_path(track: str, stage: str) -> str:
    """Of a stage's share: over all futures, in each view, and with equal weights."""
    return f"{over_views(f'stages/{track}/{stage}/reached')};equal_weights/stages/{track}/{stage}"


def question_path(name: str) -> str:
    """Of a question's odds, as of a stage's."""
    return f"{over_views(f'questions/{name}/p')};equal_weights/questions/{name}"


def option_path(decision: str, option: str) -> str:
    """Of an option's share where the decision falls due, as of a stage's."""
    return f"{over_views(f'decisions/{decision}/{option}/share_where_due')};equal_weights/decisions/{decision}/{option}"


def origin_of(text: object) -> Markup:
    """The attribute of an element that shows the text; nothing for a text that does not know."""
    origin = text.origin if isinstance(text, Told) else ""
    return Markup(' data-from="{}"').format(origin) if origin else Markup("")


def from_path(*paths: str) -> Markup:
    """The attribute of an element whose numbers stand at these paths."""
    return Markup(f' data-from="{escape(";".join(path for path in paths if path))}"')
