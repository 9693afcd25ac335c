"""What commands print: JSON documents, and lines of progress."""

import json
from datetime import UTC, datetime

import typer


def print_json(document: object) -> None:
    """Print a document for other programs."""
    typer.echo(json.dumps(document, ensure_ascii=False, indent=1))


def log_progress(text: str) -> None:
    """Print one line of progress, with the time, where results do not go."""
    typer.echo(f"{datetime.now(UTC):%H:%M:%S} {text}", err=True)
