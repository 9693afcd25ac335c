"""Addresses of our own pages: of a service, of its report form, and in full."""

from urllib.parse import quote

from fastapi import Request


def service_path(service_id: str) -> str:
    """Give the path of a service's public page; its id may hold blanks, slashes, any script."""
    return f"/servizi/{quote(service_id, safe='/:@,')}"


def report_path(service_id: str) -> str:
    """Give the path of the form that reports on a service."""
    return f"/segnala/{quote(service_id, safe='/:@,')}"


def absolute_url(request: Request, path: str) -> str:
    """Give an address of ours in full: that of the request, unless the settings say otherwise."""
    root: str = request.app.state.public_url or str(request.base_url)
    return root.rstrip("/") + path
