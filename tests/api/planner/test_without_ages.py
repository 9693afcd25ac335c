"""The planner's page of a city whose sources count people, but not their ages."""

from pathlib import Path

import pytest

from api.app import create_app
from api.settings import Settings
from tests.api.test_defects import get
from tests.mapping.drawn_city import drawn_city, service


@pytest.mark.parametrize(
    "query", ["", "&area=municipio:1", "&area=nil:1", "&indicator=demand", "&level=section"]
)
def test_what_is_not_known_of_an_area_is_said(tmp_path: Path, query: str) -> None:
    drawn_city(tmp_path / "editions", [service(200, "vicino"), service(900, "lontano")])
    answer = get(create_app(Settings(var=tmp_path)), f"/rete?lang=it&category=nido{query}")
    assert answer.status_code == 200
    assert "non not" in answer.text
