"""Which hosts may be asked: those of the public internet, and those that the operator names."""

import ipaddress
import os
from collections.abc import Iterable

PRIVATE_HOSTS_VARIABLE = "PROSSIMA_PRIVATE_HOSTS"
"""Names of hosts inside of one's own network that may be asked all the same, by commas."""
_LOCAL_NAMES = (".localhost", ".local", ".internal")


def refusal(host: str, addresses: Iterable[str]) -> str | None:
    """Say why a host with these addresses may not be asked; None where it may.

    A declaration, or the redirect of a publisher, could otherwise read what only this machine or
    its network may. Where a proxy looks up names there are no addresses: the name alone is judged.
    """
    if host.lower() in _permitted():
        return None
    private = next((name for name in (host, *addresses) if _is_private(name)), None)
    if private is None:
        return None
    return (
        f"{host} is inside of a private network ({private}). Name it in {PRIVATE_HOSTS_VARIABLE} if"
        " it is a publisher"
    )


def _permitted() -> set[str]:
    named = os.environ.get(PRIVATE_HOSTS_VARIABLE, "")
    return {name.strip().lower() for name in named.split(",")} - {""}


def _is_private(name: str) -> bool:
    try:
        # A zone, as in fe80::1%eth0, is none of the address's.
        address = ipaddress.ip_address(name.strip("[]").partition("%")[0])
    except ValueError:
        small = f".{name.lower().rstrip('.')}"
        # 2130706433 and 0x7f.1 are other ways to write 127.0.0.1.
        is_number = small.rpartition(".")[2].startswith(tuple("0123456789"))
        return small.endswith(_LOCAL_NAMES) or is_number
    address = getattr(address, "ipv4_mapped", None) or address
    return not address.is_global or address.is_multicast
