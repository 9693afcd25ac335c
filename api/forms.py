"""The look-up form of the pages, as it is posted, and its answer."""

from pydantic import BaseModel, ConfigDict, Field

from api.published import Published
from mapping.lookup import Answer
from mapping.question import Question
from mapping.town import Where


class NearestForm(BaseModel):
    """What a person typed; it lives only as long as the request."""

    model_config = ConfigDict(extra="forbid")

    address: str = Field(default="", max_length=200)
    lon: float | None = None
    lat: float | None = None
    nil: str = Field(default="", max_length=100)
    category: str = ""
    count: int = 5
    max_minutes: float = 60

    @property
    def asked(self) -> bool:
        """Whether any place was given."""
        return bool(self.address.strip() or self.nil or self.lon is not None)


def answer_form(reading: Published, form: NearestForm, *, paths: bool) -> Answer:
    """Answer a posted form.

    Parameters
    ----------
    reading : Published
        The edition.
    form : NearestForm
        What was typed.
    paths : bool
        Whether the walking paths are wanted.

    Returns
    -------
    Answer
        Nearest first.
    """
    where = Where(
        address=form.address.strip() or None, lon=form.lon, lat=form.lat, nil=form.nil or None
    )
    chosen = (form.category,) if form.category else ()
    question = Question(chosen, form.count, form.max_minutes)
    return reading.lookup.nearest(reading.lookup.origin(where), question, paths=paths)
