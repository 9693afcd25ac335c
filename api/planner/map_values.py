"""What a script needs to colour the map of the planner."""

from typing import Any

from api.planner.view_request import ViewRequest
from mapping.indicators import CLASS

KEY_NUMBERS = ("step", "areas", "people", "dwellers")


def map_values(requested: ViewRequest) -> dict[str, Any]:
    """Give the areas of a screen column by column, with the legends of the map or of both maps."""
    shown, view, teller = requested.screen, requested.view, requested.teller
    columns: dict[str, Any] = {
        "edition": requested.reading.edition.id,
        "level": view.level,
        "title": teller.title(shown, view.shown),
        "keys": _legend_keys(requested, other=False),
        "area": [line.area_id for line in shown.lines],
        "name": [teller.area(line.name, view.level) for line in shown.lines],
        "step": [line.step for line in shown.lines],
        "said": [
            teller.on_map(line.value, view.shown, shown, line.has_room, basis=line.value_basis)
            for line in shown.lines
        ],
        "kind": [teller.kind(line.kind, view, line.has_room) for line in shown.lines]
        if view.indicator != CLASS
        else None,
    }
    if view.versus or view.since:
        second = view.second or view.shown
        columns["other"] = {
            "title": teller.title(shown, second),
            "keys": _legend_keys(requested, other=True),
            "step": [line.other_step for line in shown.lines],
            "said": [
                teller.on_map(line.other, second, shown, basis=line.other_basis)
                for line in shown.lines
            ],
        }
    return columns


def _legend_keys(requested: ViewRequest, *, other: bool) -> list[dict[str, Any]]:
    return [
        {**vars(entry.key), **{name: getattr(entry, name) for name in KEY_NUMBERS}}
        for entry in requested.teller.legend(requested.screen, other=other)
    ]
