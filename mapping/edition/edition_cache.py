"""Results computed from an edition, held as long as the edition and no longer."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from mapping.edition.edition import Edition

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
Computation = Callable[Concatenate[Edition, Arguments], Result]


def cached_by_edition(
    most: int,
) -> Callable[[Computation[Arguments, Result]], Computation[Arguments, Result]]:
    """Hold the results of a function of an edition that were used last.

    The results must not refer to the edition: it would never be released.

    Parameters
    ----------
    most : int
        How many results of each edition.

    Returns
    -------
    callable
        A decorator; arguments after the edition are hashable.
    """

    def decorate(compute: Computation[Arguments, Result]) -> Computation[Arguments, Result]:
        results: WeakKeyDictionary[Edition, OrderedDict[Hashable, Result]] = WeakKeyDictionary()
        lock = threading.Lock()

        @wraps(compute)
        def cached(
            edition: Edition, /, *values: Arguments.args, **named: Arguments.kwargs
        ) -> Result:
            key = values, *sorted(named.items())
            with lock:
                own = results.setdefault(edition, OrderedDict())
                if key in own:
                    own.move_to_end(key)
                    return own[key]
            result = compute(edition, *values, **named)
            with lock:
                own[key] = result
                if len(own) > most:
                    own.popitem(last=False)
            return result

        return cached

    return decorate
