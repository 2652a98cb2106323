"""Shares by address: of whatever a server has a number of, one address never holds so much that others get nothing.

A client may give itself as many names as it likes, in headers and cookies, and wins nothing by it: what is counted is
the address that its connections come from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address

from starlette.types import Scope

SHARE = 0.5
"""What one address may hold of all places."""


def share_of(places: int) -> int:
    """How many places one address may hold, of so many: one at least, and not all where there are two."""
    return max(1, int(places * SHARE))


def address_of(scope: Scope) -> str:
    """Where a request comes from."""
    client = scope.get("client")
    return network(client[0] if client else "")


def network(host: str) -> str:
    """What an address belongs to: itself, or of the sixth version the network of whoever has it."""
    try:
        found = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or IPv6Address(int(found) >> 64 << 64))
    return str(found)


def heaviest(held: Mapping[str, int]) -> str:
    """Who holds most; of several, the one that came first."""
    return max(held, key=lambda address: held[address])


class Places:
    """A number of places, of which each address has its share."""

    def __init__(self, places: int) -> None:
        self._places, self._each = places, share_of(places)
        self._held: Counter[str] = Counter()

    def take(self, address: str) -> bool:
        """Take a place, if there is one for this address; it is to be given back."""
        if self._held.total() >= self._places or self._held[address] >= self._each:
            return False
        self._held[address] += 1
        return True

    def give_back(self, address: str) -> None:
        """Give a place back."""
        self._held[address] -= 1
        if not self._held[address]:
            del self._held[address]

    def __len__(self) -> int:
        """How many places are taken."""
        return self._held.total()
