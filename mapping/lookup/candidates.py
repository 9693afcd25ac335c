"""The services that a look-up may find, and what is known of its conditions."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mapping.arrays import Bools
from mapping.lookup.question import FITTING, Fit


@dataclass(frozen=True, eq=False)
class Candidates:
    """The services of the wanted categories, and what is known of the conditions."""

    of_category: Bools
    fits: Mapping[int, Fit] | None = None
    """Of each of them; None where every one fits."""

    def but(self, others: Bools) -> "Candidates":
        """Leave some out.

        Parameters
        ----------
        others : ndarray of bool, shape (n,)
            Flags of all services: those to leave out.

        Returns
        -------
        Candidates
            The rest, with what is known of them.
        """
        stays = self.of_category & ~others
        fits = self.fits
        return Candidates(
            stays, None if fits is None else {row: fits[row] for row in fits if stays[row]}
        )

    def fit(self, row: int) -> Fit:
        """Give what is known of one of them."""
        return FITTING if self.fits is None else self.fits[row]

    @property
    def failing_once(self) -> list[str]:
        """The conditions that some of them fail, and no other one."""
        fits = (self.fits or {}).values()
        return sorted({fit.fails[0] for fit in fits if len(fit.fails) == 1})

    def failing(self, fails: tuple[str, ...]) -> Bools:
        """Flag those that are known to fail these conditions and no others.

        Parameters
        ----------
        fails : tuple of str
            Names of conditions; none for those that are not known to fail any.

        Returns
        -------
        ndarray of bool, shape (n,)
            Of all services.
        """
        if self.fits is None:
            return self.of_category if not fails else np.zeros_like(self.of_category)
        flags = np.zeros_like(self.of_category)
        flags[[row for row, fit in self.fits.items() if fit.fails == fails]] = True
        return flags
