"""Addresses of our own pages, as others will write them down."""

from urllib.parse import quote

from fastapi import Request


def service_path(service_id: str) -> str:
    """Give the address of the public page of a service.

    Parameters
    ----------
    service_id : str
        Its id; it may hold blanks, slashes and letters of any script.

    Returns
    -------
    str
        Without the host.
    """
    return f"/servizi/{quote(service_id, safe='/:@,')}"


def report_path(service_id: str) -> str:
    """Give the address of the form that reports on a service.

    Parameters
    ----------
    service_id : str
        Its id.

    Returns
    -------
    str
        Without the host.
    """
    return f"/segnala/{quote(service_id, safe='/:@,')}"


def absolute(request: Request, path: str) -> str:
    """Give an address of ours in full.

    Parameters
    ----------
    request : Request
        Where it was sent is where we are, unless the settings say otherwise.
    path : str
        From the root on.

    Returns
    -------
    str
        With scheme and host.
    """
    root: str = request.app.state.public_url or str(request.base_url)
    return root.rstrip("/") + path
