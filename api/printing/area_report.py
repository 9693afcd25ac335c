"""The report of an area: figures of the edition, a map and lists; nothing is computed anew."""

import math
from collections.abc import Sequence
from functools import cached_property, partial

import shapely

from api.i18n.language import Words
from api.i18n.list_sentences import list_sentence, of_known, people_sentence, share_words
from api.i18n.zone_sentences import zone_name, zone_why
from api.published import Published
from mapping.coverage.class_words import (
    CLASS_LABELS,
    HAS_ROOM_LABELS,
    MAY_COME_LABELS,
    QUESTIONS,
    answer,
    class_key,
    knows_admission,
    row_label,
    untold,
)
from mapping.coverage.list_words import class_shares, telling
from mapping.coverage.situations import Situation, computed, labels
from mapping.coverage.sureness_words import LIKELY_TEXTS, calibration_text
from mapping.crs import to_metres
from mapping.disclosure import SECTION, least_sum
from mapping.edition.places_by_kind import KIND_LABELS, UNKNOWN_KIND, places_by_kind
from mapping.edition.queries import (
    about_people_of_class,
    completeness,
    gravest_first,
    likely,
    listed_services,
    outgrown_census,
    people_bases,
    require_figures,
)
from mapping.errors import UnknownAreaError
from mapping.maps.features import CLASS_COLOURS, NO_DATA
from mapping.maps.map_words import (
    LABELS,
    RANKING_LABELS,
    far_band,
    people,
    reason,
    service_facts,
    some_estimated,
    sureness,
)
from mapping.maps.report_svg import Box, Dot, Patch, box_around, plate, swatch
from mapping.services.service_row import ServiceRow
from mapping.tables import THRESHOLDS_MINUTES, Row
from mapping.taxonomy import placed_category
from mapping.territory.institutions import NOT_CONFIRMED
from mapping.territory.population import DISAGREEING
from mapping.walk_words import is_estimated, share_basis, whole_minutes
from mapping.walking.profiles import profile

MAX_ZONES = 20
NEAR_METRES_PER_MINUTE = 50
"""Beyond the border a service is named that is as near as this in a straight line, for each minute
of the acceptable walk: an adult's speed over the usual detour."""
AGES = {
    "children_0_2": "0-2 anni",
    "children_3_5": "3-5 anni",
    "children_6_10": "6-10 anni",
    "children_11_13": "11-13 anni",
    "children_14_17": "14-17 anni",
}
MEANINGS = {
    "served": "un servizio verificato è entro il cammino accettabile",
    "far": "l'elenco è completo, e nessun servizio è entro quel cammino",
    "unsure": "i dati non permettono di dirlo",
    "closed": "i servizi vicini sono chiusi in quella fascia",
    "unsuitable": "i servizi vicini non sono adatti a quella richiesta",
    "crowded": "i posti vicini, per chi li vuole, sono meno che in tutta la città",
}
SMALLER = {
    "municipality": ("nil", "municipio", SECTION),
    "municipio": ("nil", SECTION),
    "nil": (SECTION,),
}
"""Of each level, those of the parts that its map shows: the first that the city has."""


class AreaReport:
    """The report of one area for a category and a situation.

    Raises UnknownAreaError when the edition lacks the area or no report is made of its level,
    UnknownCategoryError, and BadInputError when the category is confidential or the situation
    not computed.
    """

    def __init__(
        self, reading: Published, level: str, area_id: str, code: str, situation: Situation
    ) -> None:
        self.category = placed_category(code)
        self.situation = computed(situation)
        self._reading, self._edition, self.level = reading, reading.edition, level
        self.area = self._area(level, area_id)
        require_figures(self._edition, code)

    @cached_property
    def figures(self) -> Row | None:
        """The row of coverage of the area; None where nobody lives whom the category serves."""
        return self._coverage(self.level).get(self.area["area_id"])

    @cached_property
    def city_figures(self) -> Row | None:
        """The row of coverage of the whole city."""
        return next(iter(self._coverage("municipality").values()), None)

    @cached_property
    def parts(self) -> list[tuple[Row, Row | None]]:
        """The areas of the map, each with its row of coverage."""
        rows = self._coverage(self.part_level)
        return [(area, rows.get(area["area_id"])) for area in self._parts_of(self.area)]

    @cached_property
    def part_level(self) -> str:
        """The level of the parts; the area's own where the city knows nothing smaller."""
        levels = {area["level"] for area in self._areas}
        return next((level for level in SMALLER[self.level] if level in levels), self.level)

    @cached_property
    def services(self) -> list[Row]:
        """The services on the map, those beyond the border last, and those without a place."""
        shown = [self._service(row) for row in listed_services(self._edition, self.category.code)]
        nearby = [row for row in shown if row["inside"] or row["near"]]
        order = sorted(nearby, key=lambda row: (not row["placed"], not row["inside"], row["name"]))
        return [{**row, "number": n} for n, row in enumerate(order, 1)]

    @property
    def near_metres(self) -> int:
        """How far beyond the border services are named, in a straight line."""
        return self.category.walk_minutes * NEAR_METRES_PER_MINUTE

    @property
    def zones(self) -> list[Row]:
        """The grey zones that reach into the area, the gravest first."""
        table = self._edition.zones(category=self.category.code, **self.situation._asdict())
        rows = [
            row for row in table.to_pylist() if not self._section_ids.isdisjoint(row["members"])
        ]
        return gravest_first(rows)

    @property
    def institutions(self) -> Row | None:
        """Whom the area counts apart, in sections of institutions; None where there are none."""
        rows = [
            row
            for row in self._areas
            if row["level"] == "institution" and row["area_id"] in self._section_ids
        ]
        if not rows:
            return None
        families = [row["families"] for row in rows if row.get("families")]
        # Of fewer than five, and where nobody counted them, none are told.
        are_more = len(families) < len(rows)
        return {
            "sections": len(rows),
            "residents": sum(row["residents"] for row in rows),
            "families": int(least_sum(families) if are_more else sum(families)),
            "are_more": are_more,
            "not_confirmed": sum(row["name"].endswith(NOT_CONFIRMED) for row in rows),
        }

    @property
    def residents_by_place(self) -> Row | None:
        """Where the residents of the whole city live; None where all do in its areas."""
        if self.level != "municipality":
            return None
        people = {
            level: sum(row["residents"] or 0 for row in self._areas if row["level"] == level)
            for level in ("municipio", "nil", "institution", "unplaced")
        }
        in_areas = people["municipio"] or people["nil"]
        is_elsewhere = people["institution"] or people["unplaced"]
        return {**people, "in_areas": in_areas} if in_areas and is_elsewhere else None

    @property
    def map(self) -> str | None:
        """The map as SVG; None where no outline and no point is known."""
        if self._box is None:
            return None
        patches = [
            Patch(self._metres(area), _colour(row), self._mark(area)) for area, row in self.parts
        ]
        dots = [
            Dot(row["x"], row["y"], str(row["number"]), pale=not row["inside"])
            for row in self.services
            if row["placed"]
        ]
        return plate(
            self._box,
            [patch for patch in patches if patch.shape is not None],
            dots,
            border=self._outline or shapely.Polygon(),
            streets=self._streets,
            title="Carta delle classi e dei servizi: gli stessi dati sono nelle tabelle.",
        )

    def context(self, words: Words) -> Row:
        """Give what the template shows: the report, and the Italian words that it uses."""
        manifest, zones, declared = self._edition.manifest, self.zones, self._declared
        return {
            "report": self,
            "title": words.gettext(self.category.label),
            "city": self._reading.city.name,
            "whom": people(self.category),
            "situation": labels(self.situation),
            "walker": profile(self.situation.profile).label.lower(),
            "figures": self.figures,
            "city_figures": self.city_figures,
            "zones": zones[:MAX_ZONES],
            "zones_in_all": len(zones),
            "complete": declared,
            "list_sentence": list_sentence(declared, words),
            "of_known": of_known(declared, words),
            "people_source": people_sentence(self.category, people_bases(self._edition), words),
            "share_told": partial(_share_told, declared, words),
            "classes": self._classes(words),
            "outgrown": outgrown_census(self.area),
            "disagreeing": DISAGREEING,
            "blank": swatch(NO_DATA),
            "class_name": row_label,
            "questions": QUESTIONS,
            "may_come": lambda row: MAY_COME_LABELS[answer(row, "may_come")],
            "has_room": lambda row: HAS_ROOM_LABELS[answer(row, "has_room")],
            "knows_admission": knows_admission(
                row for _, row in [(self.area, self.figures), *self.parts] if row is not None
            ),
            "untold": untold(self.category.code),
            "far_band": far_band(self.city_figures) if self.city_figures else "",
            "places": self._places,
            "places_names": KIND_LABELS,
            "sure": sureness,
            "of_percents": LIKELY_TEXTS["meaning"],
            "ranking_names": RANKING_LABELS,
            "not_calibrated": calibration_text(self.category.code),
            "likely": likely,
            "ages": AGES,
            "thresholds": THRESHOLDS_MINUTES,
            "reason": reason,
            "zone_name": lambda zone: zone_name(zone, words),
            "zone_why": lambda zone: zone_why(zone, words),
            "minutes": partial(_minutes, words),
            "some_estimated": some_estimated(self.city_figures) if self.city_figures else "",
            "edition": manifest.id,
            "day": words.day(manifest.created_at.date().isoformat()),
            "attributions": self._reading.attributions,
            "estimated": self._reading.estimated,
        }

    @property
    def _places(self) -> list[Row]:
        """Places by kind; none where of no service kind, places or access are known."""
        rows = places_by_kind(self._edition, self.category.code, self.level, self.area["area_id"])
        silent = {UNKNOWN_KIND, "all", "accessible_unknown"}
        known = any(row["services"] for row in rows if row["kind"] not in silent)
        return rows if known or rows[0]["with_places"] else []

    @property
    def norm(self) -> str | None:
        """The published norm of places, for the whole city alone: a law asks it of no quarter."""
        if self.level != "municipality" or self.category.places_per_100_norm is None:
            return None
        return f"{self.category.places_per_100_norm:g}"

    @cached_property
    def _declared(self) -> Row:
        """How complete the list is."""
        declared: Row = completeness(self._edition, [self.category.code])[self.category.code]
        return declared

    def _classes(self, words: Words) -> list[Row]:
        figures, whole = self.figures, self.city_figures
        if not figures or figures["share_served"] is None:
            return []  # of few people no share is told
        room, declared = answer(figures, "has_room"), self._declared
        own, city = (class_shares(row, declared) for row in (figures, whole or figures))
        at_least = {
            name: telling(f"share_{name}", figures[f"share_{name}"], declared) == "at_least"
            for name in CLASS_LABELS
        }
        return [
            {
                "name": class_key(name, self.category.code, room),
                "meaning": MEANINGS[name],
                "swatch": swatch(CLASS_COLOURS[name]),
                "share": share_words(column, own[column], declared, words),
                "untold": telling(column, figures[column], declared) == "untold",
                "at_least": at_least[name],
                "people": about_people_of_class(figures, name, at_least=at_least[name]),
                "city_share": share_words(column, city[column], declared, words),
            }
            for name in CLASS_LABELS
            for column in (f"share_{name}",)
        ]

    def _coverage(self, level: str) -> dict[str, Row]:
        table = self._edition.coverage(
            category=self.category.code, level=level, **self.situation._asdict()
        )
        return {row["area_id"]: row for row in table.to_pylist()}

    @cached_property
    def _areas(self) -> list[Row]:
        rows: list[Row] = self._edition.areas.to_pylist()
        return rows

    def _area(self, level: str, area_id: str) -> Row:
        same_level = [row for row in self._areas if row["level"] == level and level in SMALLER]
        if not same_level:
            levels = [name for name in SMALLER if any(r["level"] == name for r in self._areas)]
            raise UnknownAreaError(
                f"No report of level '{level}'. Use one of: {', '.join(levels)}."
            )
        areas = [row for row in same_level if row["area_id"] == area_id]
        if not areas:
            raise UnknownAreaError(
                f"Unknown area '{area_id}' of level '{level}'. All of them: /v1/areas/{level}."
            )
        return areas[0]

    def _parts_of(self, area: Row) -> list[Row]:
        if self.part_level == self.level:
            return [area]
        if self.part_level == SECTION:
            return self._sections_of(area)
        whole = area["level"] == "municipality"
        return [
            row
            for row in self._areas
            if row["level"] == self.part_level and (whole or area["area_id"] in row["touches"])
        ]

    @cached_property
    def _section_ids(self) -> set[str]:
        return {section["area_id"] for section in self._sections_of(self.area)}

    def _sections_of(self, area: Row) -> list[Row]:
        sections = [row for row in self._areas if row["level"] == SECTION]
        if area["level"] == "municipality":
            return sections
        if area["level"] == "nil":
            return [row for row in sections if row["parent"] == area["area_id"]]
        return [row for row in sections if area["area_id"] in (row["touches"] or ())]

    def _service(self, row: ServiceRow) -> Row:
        placed = row.is_routed
        x, y = self._projected(row) if placed else (0.0, 0.0)
        named = {"municipality": True, "municipio": row.municipio, "nil": row.nil}
        point = shapely.Point(x, y)
        return {
            "name": row.name,
            "organization": row.organization,
            "capacity": row.capacity,
            "facts": dict(zip(LABELS["service"], service_facts(row), strict=True)),
            "is_verified": row.is_verified,
            "placed": placed,
            "inside": named[self.level] in (True, self.area["area_id"]),
            "near": placed and self._is_near(point),
            "x": point.x,
            "y": point.y,
        }

    def _projected(self, row: ServiceRow) -> tuple[float, float]:
        lon, lat = row.point
        x, y = to_metres([lon], [lat], self._epsg)
        return float(x[0]), float(y[0])

    def _is_near(self, point: shapely.Point) -> bool:
        if self._outline is None or self._box is None or not self._box.holds(point.x, point.y):
            return False
        return bool(shapely.distance(self._outline, point) <= self.near_metres)

    @property
    def _epsg(self) -> int:
        return self._reading.city.epsg

    @cached_property
    def _outline(self) -> shapely.Geometry | None:
        return self._metres(self.area)

    @cached_property
    def _box(self) -> Box | None:
        shapes = [self._outline] if self._outline is not None else []
        shapes = shapes or [shape for area, _ in self.parts if (shape := self._metres(area))]
        return box_around(shapes) if shapes else None

    def _metres(self, area: Row) -> shapely.Geometry | None:
        if area["geometry"] is None:
            return None
        degrees = shapely.from_wkb(area["geometry"])
        return shapely.transform(
            degrees, lambda lon, lat: to_metres(lon, lat, self._epsg), interleaved=False
        )

    def _mark(self, area: Row) -> str:
        return area["area_id"] if self.part_level == "nil" and self.level != "nil" else ""

    @property
    def _streets(self) -> Sequence[shapely.Geometry]:
        network = self._edition.network
        if network is None or self._box is None or self.part_level != SECTION:
            return []
        seen = network.tree.query(shapely.box(*self._box))
        lines: Sequence[shapely.Geometry] = network.lines[seen]
        return lines


def _colour(row: Row | None) -> str:
    return CLASS_COLOURS.get(row["class"], NO_DATA) if row else NO_DATA


def _share_told(declared: Row, words: Words, row: Row, column: str) -> str:
    return share_words(column, row[column], declared, words, share_basis(row, column))


def _minutes(words: Words, row: Row, column: str = "seconds", unit: str = "") -> str:
    seconds = row[column]
    if seconds is None:
        return words.gettext("non noto")
    if math.isnan(seconds):
        return words.gettext("non raggiungibile")
    minutes = f"{words.number(whole_minutes(seconds))}{unit}"
    return words.about(minutes, estimated=is_estimated(row, column))
