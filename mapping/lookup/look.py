"""One question of a look-up, asked of every service."""

from dataclasses import dataclass

from mapping.lookup.candidates import Candidates
from mapping.lookup.question import FAR_MINUTES, Question
from mapping.tables import SECONDS_PER_MINUTE
from mapping.walking.service_walks import NearestServices, ServiceWalks, StraightWalk, Walk


@dataclass(frozen=True, eq=False)
class Look:
    """One question, asked of every service."""

    reach: ServiceWalks
    point: tuple[float, float]
    question: Question
    candidates: Candidates

    def around(self, *, paths: bool) -> NearestServices:
        """Walk to the nearest services that are not known to fail a condition."""
        return self._walk((), self.question.count, self.question.max_minutes, paths=paths)

    def led_around(self, walks: list[Walk]) -> StraightWalk | None:
        """Find a service nearer than those walked to in a straight line, and far by the streets."""
        others = self.candidates.failing(()).copy()
        others[[walk.target for walk in walks]] = False
        return self.reach.led_around(self.point, others, walks[0].metres) if walks else None

    def almost(self) -> list[tuple[Walk, str]]:
        """For each condition, walk to the nearest service that fails it and no other."""
        limit = self.question.max_minutes
        names = self.candidates.failing_once
        near = [(walk, name) for name in names for walk in self._walk((name,), 1, limit).walks]
        far = [(walk, "max_minutes") for walk in self._walk((), 1, FAR_MINUTES).walks]
        return sorted(near + far, key=lambda pair: pair[0].seconds)

    def _walk(
        self, fails: tuple[str, ...], count: int, max_minutes: float, *, paths: bool = False
    ) -> NearestServices:
        limit = max_minutes * SECONDS_PER_MINUTE
        return self.reach.nearest(
            self.point,
            self.candidates.failing(fails),
            count=count,
            max_seconds=limit,
            with_paths=paths,
        )
