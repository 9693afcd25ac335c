"""Where the numbers of a street stand along it, from the few that were seen.

The numbers run evenly from one end to the other, but for a deviation that grows away from whatever
is known: a Brownian bridge, fitted by kriging (Rasmussen, Williams, 2006, *Gaussian Processes for
Machine Learning*, ch. 2). So every number comes with its standard deviation.
"""

from dataclasses import dataclass

import numpy as np

from mapping.arrays import Floats

# Fitted on the places of schools left out and found again; see docs/methods.md.
DEVIATION_SHARE = 0.12
"""Standard deviation, half-way along a street of which nothing is known, over its length."""
END_METRES = 15.0
END_SHARE = 0.03
"""Standard deviation of the first and the last number from the ends, over the length."""
DOUBT = 2.5
"""A sighting so many standard deviations off loses half of its weight."""
ROUNDS = 3
SLACK = 2.0


@dataclass(frozen=True, eq=False)
class Sightings:
    """Numbers that were seen, how far along the street, and the standard deviation of that."""

    number: Floats
    metres: Floats
    deviation: Floats

    def within(self, low: float, high: float) -> "Sightings":
        """Keep the numbers from `low` to `high`: others are wrong, or of another part."""
        inside = (self.number >= low) & (self.number <= high)
        return Sightings(self.number[inside], self.metres[inside], self.deviation[inside])

    def rising(self) -> "Sightings":
        """Keep the heaviest chain in which higher numbers lie farther along, in ascending order.

        A step back that two standard deviations explain is no contradiction.
        """
        order = np.lexsort((self.metres, self.number))
        metres, deviation = self.metres[order], self.deviation[order]
        best, before = 1 / deviation, np.full(len(order), -1)
        for last in range(1, len(order)):
            back = metres[:last] - metres[last]
            follows = back <= SLACK * np.hypot(deviation[:last], deviation[last])
            ahead = np.where(follows, best[:last], 0.0)
            if ahead.max() > 0:
                before[last] = ahead.argmax()
                best[last] += ahead.max()
        chain, row = [], int(best.argmax()) if len(order) else -1
        while row >= 0:
            chain.append(order[row])
            row = int(before[row])
        rising = np.array(chain[::-1], dtype=np.int64)
        return Sightings(self.number[rising], self.metres[rising], self.deviation[rising])

    def turned(self, length: float) -> "Sightings":
        """Reverse the direction along a street of `length` metres."""
        return Sightings(self.number, length - self.metres, self.deviation)


@dataclass(frozen=True)
class Bridge:
    """A street of so many metres, along which the numbers run from low to high."""

    low: float
    high: float
    metres: float

    def misfit(self, seen: Sightings) -> float:
        """Measure how badly sightings fit this direction of numbering: 0 without any.

        A wrong sighting adds only its logarithm.
        """
        share = self._share(seen.number)
        off = seen.metres - self.metres * share
        return float(np.log1p(off**2 / (self._variance(share) + seen.deviation**2)).sum())

    def place(self, wanted: Floats, seen: Sightings) -> tuple[Floats, Floats]:
        """Place numbers along the street.

        Parameters
        ----------
        wanted : ndarray
            Numbers in ascending order, within low and high.
        seen : Sightings
            Of numbers within low and high; those that contradict the others are left out, and
            those that are far off weigh little.

        Returns
        -------
        tuple of ndarray
            Metres from the low end, never descending, and their standard deviation.
        """
        share = self._share(wanted)
        if not len(seen.number):
            return self.metres * share, np.sqrt(self._variance(share))
        seen = seen.rising()
        at = self._share(seen.number)
        between_seen, across = self._covariance(at, at), self._covariance(share, at)
        off, own = seen.metres - self.metres * at, seen.deviation**2
        doubted = own * (1 + off**2 / (DOUBT**2 * (np.diag(between_seen) + own)))
        for _ in range(ROUNDS):
            fitted = between_seen @ np.linalg.solve(between_seen + np.diag(doubted), off)
            doubted = own * (1 + (off - fitted) ** 2 / (DOUBT**2 * own))
        solved = np.linalg.solve(between_seen + np.diag(doubted), np.column_stack([off, across.T]))
        metres = self.metres * share + across @ solved[:, 0]
        left = self._variance(share) - np.einsum("ij,ji->i", across, solved[:, 1:])
        rising = np.clip(np.maximum.accumulate(metres), 0, self.metres)
        return rising, np.sqrt(np.maximum(left, 0))

    def _share(self, number: Floats) -> Floats:
        return (number - self.low + 0.5) / (self.high - self.low + 1)

    def _variance(self, share: Floats) -> Floats:
        return self._scale * share * (1 - share) + self._end

    def _covariance(self, share: Floats, other_share: Floats) -> Floats:
        first = np.minimum(share[:, None], other_share[None])
        last = np.maximum(share[:, None], other_share[None])
        between: Floats = self._scale * first * (1 - last) + self._end
        return between

    @property
    def _scale(self) -> float:
        return 4 * (DEVIATION_SHARE * self.metres) ** 2

    @property
    def _end(self) -> float:
        return (END_METRES + END_SHARE * self.metres) ** 2
