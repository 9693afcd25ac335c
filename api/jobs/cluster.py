"""Computing on more than one machine: a dask cluster as an executor."""

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

    Parameters
    ----------
    client : distributed.Client
        Connected to a scheduler.
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Have one call made.

        Parameters
        ----------
        fn : callable
            What to call.
        *args, **kwargs
            With what.

        Returns
        -------
        Future
            Its result, some time.
        """
        future: Future[Any] = self._client.get_executor().submit(fn, *args, **kwargs)
        return future

    def map(
        self,
        fn: Callable[..., Any],
        *iterables: Any,
        timeout: float | None = None,
        chunksize: int = 1,
    ) -> Iterator[Any]:
        """Have a call made for each item.

        Parameters
        ----------
        fn : callable
            What to call; the keywords of a partial function are sent once.
        *iterables
            With what.
        timeout : float, optional
            Seconds to wait for each of them.
        chunksize : int
            Items that go together.

        Returns
        -------
        iterator
            The results, in the order of the items.
        """
        shared = {}
        if isinstance(fn, partial):
            shared = {
                name: self._client.scatter(value, broadcast=True, hash=False)
                for name, value in fn.keywords.items()
            }
            fn = partial(fn.func, *fn.args)
        made = self._client.map(fn, *iterables, pure=False, batch_size=chunksize, **shared)
        return iter([future.result(timeout) for future in made])


@contextmanager
def workers(address: str | None) -> Iterator[Executor | None]:
    """Give those who share the work of a build.

    Parameters
    ----------
    address : str or None
        Of a dask scheduler, whose workers have this version of Prossima installed.

    Yields
    ------
    Executor or None
        None without an address: the work stays on this machine.

    Raises
    ------
    BadInputError
        When dask is not installed, or no scheduler answers.
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
