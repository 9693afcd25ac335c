"""A dask cluster as an executor for the work of a build."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from typing import Any

from mapping.errors import BadInputError

PATIENCE_SECONDS = 5


class Cluster(Executor):
    """The workers of a dask client.

    dask's own executor would send the streets along with every call: what a partial function binds
    goes to each worker once.
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Submit one call."""
        future: Future[Any] = self._client.get_executor().submit(fn, *args, **kwargs)
        return future

    def map(
        self,
        fn: Callable[..., Any],
        *iterables: Any,
        timeout: float | None = None,
        chunksize: int = 1,
    ) -> Iterator[Any]:
        """Call for each item, and give the results in order; a partial's keywords are sent once."""
        shared = {}
        if isinstance(fn, partial):
            shared = {
                name: self._client.scatter(value, broadcast=True, hash=False)
                for name, value in fn.keywords.items()
            }
            fn = partial(fn.func, *fn.args)
        futures = self._client.map(fn, *iterables, pure=False, batch_size=chunksize, **shared)
        return iter([future.result(timeout) for future in futures])


@contextmanager
def workers(address: str | None) -> Iterator[Executor | None]:
    """Connect to the dask scheduler at an address; without one the work stays here, as None says.

    Raises BadInputError when dask is not installed, or no scheduler answers.
    """
    if address is None:
        yield None
        return
    try:
        distributed: Any = import_module("distributed")
    except ImportError:
        raise BadInputError(
            "--dask needs dask.distributed. Install it: pip install 'prossima[cluster]'."
        ) from None
    try:
        client = distributed.Client(address, timeout=PATIENCE_SECONDS)
    except (OSError, ValueError):
        raise BadInputError(
            f"No dask scheduler answers at '{address}'. Give its address, such as"
            " tcp://127.0.0.1:8786, or leave --dask out."
        ) from None
    with client:
        yield Cluster(client)
