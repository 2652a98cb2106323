"""The scenarios that are served: those that came with Playout, those named at the start, and those uploaded.

A request names a scenario by a name out of this list; no path is ever made from what a request holds.
"""

from __future__ import annotations

import hashlib
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from playout.errors import ScenarioError, did_you_mean
from playout.model.checked import CheckedScenario
from playout.pipeline import load
from playout.present.web.faults import Refused
from playout.present.web.shares import heaviest
from playout.read.installed import FLAGSHIP, installed
from playout.simulate.result import scenario_name

UPLOADED = "uploaded-"
"""What the name of an uploaded scenario begins with."""

MOST_UPLOADS = 16
"""Uploaded scenarios that are kept."""


@dataclass(eq=False)
class Served:
    """One scenario, read when it is first asked for. owner: the client that sent it, None for one on the disk; text: of
    one that was sent, which this process never reads; address: that it came from."""

    name: str
    title: str
    about: str
    read: Callable[[], CheckedScenario] | None = None
    owner: str | None = None
    address: str = ""
    text: str = ""
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    @cached_property
    def _checked(self) -> CheckedScenario:
        assert self.read is not None, "a scenario that was sent is read by a worker process"
        return self.read()

    @property
    def checked(self) -> CheckedScenario:
        """The scenario; other threads wait while one reads it."""
        with self.lock:
            return self._checked


def upload_name(text: str, client: str) -> str:
    """What a scenario goes by that a client sends: the same for the same text, and another for another client."""
    return UPLOADED + hashlib.sha256(f"{client}\0{text}".encode()).hexdigest()[:16]


class Library:
    """Scenarios by name. named: what was named at the start; a fault in any of them is told then."""

    def __init__(self, named: tuple[str, ...]) -> None:
        self._lock = threading.Lock()
        self._uploads: OrderedDict[str, Served] = OrderedDict()
        self._served: dict[str, Served] = {}
        for path in named:
            self._add(load(path))
        for found in installed():
            if found.name in self._served:
                continue
            if found.name == FLAGSHIP:  # the others are small, and read in no time
                read = _reader(found.path)
                self._served[found.name] = Served(found.name, found.title, found.about, read)
                continue
            with suppress(ScenarioError):  # one that wants tables which are not installed
                self._served[found.name] = _of(found.name, load(found.path))

    def _add(self, checked: CheckedScenario) -> None:
        name = base = scenario_name(checked.scenario)
        number = 1
        while name in self._served:
            number += 1
            name = f"{base}-{number}"
        self._served[name] = _of(name, checked)

    @property
    def first(self) -> Served:
        """What the page opens with: the first that was named, else the flagship."""
        return next(iter(self._served.values()))

    def listed(self, client: str) -> list[Served]:
        """All that a client may name."""
        with self._lock:
            return [*self._served.values(), *(own for own in self._uploads.values() if own.owner == client)]

    def get(self, name: str) -> Served:
        """The scenario of a name. Refuses, with 404, any name that is not listed."""
        with self._lock:
            found = self._served.get(name) or self._uploads.get(name)
            if found is not None:
                if found.owner is not None:
                    self._uploads.move_to_end(name)
                return found
            known = list(self._served)
        shown = name if name.isprintable() else repr(name)
        raise Refused(
            404, f"there is no scenario `{shown}` here", did_you_mean(name, known) or f"there are {', '.join(known)}"
        )

    def keep(self, sent: Served) -> list[str]:
        """Keep a scenario that a client sent; the names of those that went for it. Of too many, the one goes that was
        longest not asked for among those of the address that has most."""
        gone = []
        with self._lock:
            self._uploads.setdefault(sent.name, sent)
            self._uploads.move_to_end(sent.name)
            while len(self._uploads) > MOST_UPLOADS:
                most = heaviest(Counter(own.address for own in self._uploads.values()))
                name = next(name for name, own in self._uploads.items() if own.address == most)
                del self._uploads[name]
                gone.append(name)
        return gone


def _reader(path: Path) -> Callable[[], CheckedScenario]:
    return lambda: load(path)


def _of(name: str, checked: CheckedScenario) -> Served:
    scenario = checked.scenario
    about = " ".join(scenario.description.split())
    return Served(name, scenario.title, about, lambda: checked)
