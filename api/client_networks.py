"""The networks of an address, and those of the proxies that may tell whose a request is."""

import ipaddress
from functools import lru_cache

from starlette.types import Scope

from mapping.errors import BadInputError

EVERYBODY = "*"
EVERYBODY_BELIEVED = (
    "FORWARDED_ALLOW_IPS is '*': anybody may say who they are, and no limit of a client"
    " holds. Give the address of the proxy."
)

PREFIXES = {4: (32, 24), 6: (64, 48)}
"""By version of IP, the bits of a sender (a home or a phone has a whole /64) and of its network."""

REGIONS = {4: 16, 6: 32}
"""By version of IP, the bits that many networks have in common which one hand may hold."""


def client_of(scope: Scope) -> str:
    """Give the address that a request came from, empty where it is not known."""
    host: str = (scope.get("client") or ("",))[0]
    return host


@lru_cache(maxsize=4096)
def networks_of(address: str) -> tuple[str, str]:
    """Give the network that is one sender, and the wider one that one subscriber may hold."""
    parsed = _parsed(address)
    if parsed is None:
        return address, address
    sender, wider = PREFIXES[parsed.version]
    narrow, wide = (ipaddress.ip_network((parsed, bits), strict=False) for bits in (sender, wider))
    return str(narrow), str(wide)


def region_of(address: str) -> str:
    """Give the network of networks that one provider hands out: a /16, or a /32 of IPv6."""
    parsed = _parsed(address)
    if parsed is None:
        return address
    return str(ipaddress.ip_network((parsed, REGIONS[parsed.version]), strict=False))


def require_networks(text: str) -> list[str]:
    """Read addresses and networks between commas, as FORWARDED_ALLOW_IPS has them.

    Raises BadInputError for anything else.
    """
    names = [name for name in text.replace(",", " ").split() if name != EVERYBODY]
    for name in names:
        try:
            ipaddress.ip_network(name)
        except ValueError:
            raise BadInputError(
                f"FORWARDED_ALLOW_IPS has '{name}', which is no address and no network. Give those"
                " of the proxy, such as 127.0.0.1,10.0.0.0/8."
            ) from None
    return names + [EVERYBODY] * (EVERYBODY in text)


class Proxies:
    """The proxies that are believed: addresses and networks, as FORWARDED_ALLOW_IPS has them."""

    def __init__(self, text: str | list[str]) -> None:
        names = require_networks(text if isinstance(text, str) else ",".join(text))
        self._is_everybody = EVERYBODY in names
        self._networks = [ipaddress.ip_network(name) for name in names if name != EVERYBODY]

    def __contains__(self, address: str) -> bool:
        """Whether a connection from an address is a proxy's."""
        parsed = _parsed(address)
        return self._is_everybody or (
            parsed is not None and any(parsed in network for network in self._networks)
        )


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    # A server that listens on `::` sees whoever comes by IPv4 as ::ffff:192.0.2.1.
    return getattr(parsed, "ipv4_mapped", None) or parsed
