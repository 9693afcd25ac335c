"""One question, however it is asked: as JSON, in a form, or with options."""

from datetime import UTC, datetime

import pytest

from api.conditions import Conditions, read_model
from api.pages.lookup_form import NearestForm
from api.planner.plan_requests import PlanQuery, ScenarioBody, SiteBody, SitesQuery
from api.routes.lookups import NearestBody
from mapping.city import city
from mapping.errors import BadInputError
from mapping.hours.city_calendar import calendar_of

ASKED = {
    "max_minutes": 20,
    "age_months": 24,
    "languages": ["ar", "fr"],
    "residence_not_required": True,
    "no_appointment": True,
    "free": True,
    "step_free": True,
    "profile": "stroller",
}


def test_json_a_form_and_options_ask_one_question():
    calendar = calendar_of(city("milano"))
    today = calendar.local(datetime.now(UTC)).date()
    body = NearestBody(**ASKED, open="sat 10:00", where={"nil": "Brera"}, categories=["nido"])
    options = read_model(Conditions, {**ASKED, "open": "sab 10:00"})
    typed = {name: f"{value}" for name, value in ASKED.items() if not isinstance(value, list)}
    typed.pop("age_months")
    form = NearestForm.model_validate(
        {
            **typed,
            "category": ["nido"],
            "age": "2",
            "age_unit": "years",
            "language": ["ar", "fr"],
            "day": "sat",
            "hour": "10:00",
        }
    )
    question = body.question(body.categories, body.count, today=lambda: today)
    assert question == options.question(["nido"], 5, today=lambda: today) == form.question(calendar)
    assert question.languages == ("ar", "fr")
    assert (question.open_at.weekday(), question.open_at.hour) == (5, 10)


def test_now_is_the_time_of_the_city():
    calendar = calendar_of(city("milano"))
    now = calendar.local(datetime.now(UTC)).replace(tzinfo=None)
    asked = NearestForm(day="now").question(calendar).open_at
    assert abs((asked - now).total_seconds()) < 60


def test_a_plan_is_one_query_for_a_form_json_and_options():
    form = SiteBody.model_validate({"category": "nido", "minutes": "10", "count": "2"})
    options = read_model(SitesQuery, {"category": "nido", "minutes": 10, "count": 2})
    assert form.ask == options.ask
    changes = [{"do": "close", "service_id": "x"}]
    scenario = ScenarioBody.model_validate({"category": "nido", "changes": changes})
    assert scenario.ask == PlanQuery(category="nido").ask


def test_a_scenario_saved_with_the_former_name_of_the_weight_is_read():
    assert PlanQuery(category="farmacia", weight="children").ask.weight == "people"


@pytest.mark.parametrize(
    ("model", "values", "said"),
    [
        (SitesQuery, {"count": 99}, "count is 99. Give 1 to 50."),
        (SitesQuery, {"minutes": 1}, "minutes is 1. Give 5 to 60."),
        (SitesQuery, {"max_seconds": 0}, "max_seconds is 0. Give more than 0, up to 60."),
        (
            SitesQuery,
            {"weight": "x"},
            "Unknown weight 'x'. Use one of: 'people' or 'low-income'.",
        ),
    ],
)
def test_a_value_outside_its_range_is_told_with_the_range(model, values, said):
    with pytest.raises(BadInputError) as refused:
        read_model(model, {"category": "nido", **values})
    assert str(refused.value) == said
