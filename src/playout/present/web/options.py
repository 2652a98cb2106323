"""What a server is started with."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from ipaddress import ip_address

from playout.errors import UsageError

FUTURES = 50_000
"""What a picture is refined to unless the page asks for another number."""


def is_loopback(host: str) -> bool:
    """Whether nothing outside this machine can reach an address."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Options:
    """scenarios: names, files or folders that are served beside the installed ones. token: what a client has to know;
    None where anybody on this machine may ask. entry: a word that lets one browser in, once. most_futures,
    most_seconds: of one run. waiting: how many runs may wait for their first picture. side_by_side: how many are played
    at once. kept_bytes: of pictures that can be asked for again. body_bytes, upload_bytes: of one request;
    body_seconds: that may pass between two pieces of it; whole_body_seconds: until all of it is there. most_requests,
    most_streams (of events): open at a time, of which each address has its share.

    Refuses, with a UsageError, a host that others can reach without a token, and limits below 1.
    """

    scenarios: tuple[str, ...] = ()
    host: str = "127.0.0.1"
    port: int = 8765
    token: str | None = None
    entry: str | None = None
    allow_upload: bool = False
    most_futures: int = 200_000
    most_seconds: float = 60.0
    waiting: int = 16
    side_by_side: int = field(default_factory=lambda: max(1, (os.cpu_count() or 1) // 2))
    kept_bytes: int = 64_000_000
    body_bytes: int = 64_000
    upload_bytes: int = 1_000_000
    body_seconds: float = 20.0
    whole_body_seconds: float = 60.0
    most_requests: int = 256
    most_streams: int = 128

    def __post_init__(self) -> None:
        if self.token is None and not is_loopback(self.host):
            raise UsageError(
                f"`{self.host}` can be reached from other machines, so the server wants a token: put one into "
                f"the variable `PLAYOUT_TOKEN` or a file for `--token-file`, or leave out `--host` to serve this "
                f"machine alone"
            )
        if self.token is not None and len(self.token) < 8:
            raise UsageError("a token has eight signs at least, so that nobody guesses it")
        if not 0 <= self.port < 65536:
            raise UsageError(f"a port is a number from 0 to 65535; got {self.port}")
        if self.most_futures < 1:
            raise UsageError(f"at least one future has to be allowed; `--max-futures` is {self.most_futures:,}")
        if not self.most_seconds > 0.0:
            raise UsageError(f"a run needs some time; `--max-seconds` is {self.most_seconds:g}")
