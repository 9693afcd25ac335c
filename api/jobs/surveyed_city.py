"""Reads and lays out a city as a build does, for measuring: nothing is recorded or written."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from ingest.fetching.fetch import Fetcher
from ingest.run import Ingest
from ingest.source import source
from mapping.build import BuildInput, CoverageSurvey, survey
from mapping.catalogue.catalogue import Catalogue
from mapping.city import City
from mapping.freshness import assured_on


@dataclass(frozen=True, eq=False)
class SurveyedCity:
    """What a build of a city would measure, on the day of the newest register."""

    inputs: BuildInput
    survey: CoverageSurvey
    day: date


def survey_city(place: City, take: Fetcher) -> SurveyedCity:
    """Read all sources into a catalogue that is thrown away; the day does not pass."""
    day = max(assured_on(str(source(e.newer.source).assured_date)) for e in place.survivors)
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{(Path(folder) / 'catalogue.sqlite').resolve()}"
        with Catalogue.open(url) as catalogue:
            inputs = Ingest(place, take, _silently).run(catalogue)
    return SurveyedCity(inputs, survey(inputs, withheld=frozenset(), today=day, say=_silently), day)


def _silently(_: str) -> None:
    """Tell nobody of the stages."""
