"""A PostgreSQL server of the tests' own, with databases that are new at every use."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psycopg

from api.benches import postgres
from mapping.catalogue.catalogue import Catalogue

NewStore = Callable[[], AbstractContextManager[str]]
"""Gives the URL of an empty catalogue, until the end of the block."""


class Postgres:
    """A running server; every database it gives is new, and is dropped after use."""

    def __init__(self, socket: Path) -> None:
        self.socket = socket
        self._numbers = itertools.count(1)

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://postgres@/{name}?host={self.socket}"

    @contextmanager
    def database(self, template: str = "catalogue") -> Iterator[str]:
        """Give the URL of a copy of a database: an empty catalogue, or template0 for a bare one."""
        name = f"drawn_{next(self._numbers)}"
        self.say(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield self.url(name)
        finally:
            self.say(f"DROP DATABASE {name} WITH (FORCE)")

    def say(self, statement: str, database: str = "postgres") -> None:
        with self._connect(database) as connection:
            connection.execute(statement)

    def ask(self, question: str, database: str = "postgres") -> list[tuple]:
        with self._connect(database) as connection:
            return connection.execute(question).fetchall()

    def _connect(self, database: str) -> psycopg.Connection:
        told = f"host={self.socket} user=postgres dbname={database}"
        return psycopg.connect(told, autocommit=True)


@contextmanager
def running(program: Path) -> Iterator[Postgres]:
    with postgres.running(program) as socket:
        server = Postgres(socket)
        server.say("CREATE DATABASE catalogue TEMPLATE template0")
        Catalogue.open(server.url("catalogue")).close()
        yield server
