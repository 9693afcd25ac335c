"""A service as schema.org JSON-LD, for search engines and for other programs."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from api.services.page_content import web_address
from mapping.city import City
from mapping.hours.opening import MIDNIGHT, Span
from mapping.hours.timetable import timetable
from mapping.services.phones import phone_digits
from mapping.services.service_row import ServiceRow
from mapping.taxonomy import MONTHS_PER_YEAR, category

Node = dict[str, Any]
CONTEXT = "https://schema.org"
PLACES: Mapping[str, str] = {
    "consultorio": "MedicalClinic",
    "punto_nascita": "MedicalClinic",
    "pediatra": "Physician",
    "uonpia": "MedicalClinic",
    "ospedale": "Hospital",
    "farmacia": "Pharmacy",
    "centro_vaccinale": "MedicalClinic",
    "nido": "ChildCare",
    "centro_prima_infanzia": "ChildCare",
    "scuola_infanzia": "Preschool",
    "scuola_primaria": "ElementarySchool",
    "scuola_secondaria_1": "MiddleSchool",
    "biblioteca": "Library",
    "servizio_sociale": "GovernmentOffice",
    "sport": "SportsActivityLocation",
}
"""What kind of place a category is; any other is a Place, and no more is claimed."""
OF_GOVERNMENT = ("servizio_sociale", "centro_vaccinale")
"""Categories that only public bodies provide, whatever owner a source states."""
PUBLIC = ("state", "municipal")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LAST_MINUTE = "23:59"
"""How a day that does not close is written."""


def service_graph(rows: list[ServiceRow], city: City, today: date, url: str) -> Node:
    """Describe a service and its places as a graph; what is not known is left out.

    `rows` are one a place; hours that change with the date are those of the week from `today`.
    """
    places = [
        _place(row, f"{url}#place-{number}", _hours(row.opening_hours, today))
        for number, row in enumerate(rows, start=1)
        if row.address or row.lon is not None
    ]
    return {"@context": CONTEXT, "@graph": [_service(rows[0], places, city, url), *places]}


def _service(row: ServiceRow, places: list[Node], city: City, url: str) -> Node:
    public = row.ownership in PUBLIC or row.category in OF_GOVERNMENT
    channel = _known(
        {
            "@type": "ServiceChannel",
            "serviceLocation": [{"@id": place["@id"]} for place in places] or None,
            "servicePhone": _contact(row),
            "serviceUrl": web_address(row.url),
            "availableLanguage": row.languages,
        }
    )
    node = {
        "@type": "GovernmentService" if public else "Service",
        "@id": f"{url}#service",
        "url": url,
        "name": row.name,
        "serviceType": category(row.category).label,
        "category": [category(code).label for code in row.categories],
        "provider": _provider(row, public=public),
        "areaServed": {"@type": "City", "name": row.comune_outside or city.name},
        "audience": _audience(row),
        "availableChannel": channel if len(channel) > 1 else None,
    }
    return _known(node)


def _provider(row: ServiceRow, *, public: bool) -> Node | None:
    if not row.organization:
        return None
    kind = "GovernmentOrganization" if public else "Organization"
    return {"@type": kind, "name": row.organization}


def _audience(row: ServiceRow) -> Node | None:
    ages = {
        "suggestedMinAge": _years(row.age_min_months and max(row.age_min_months, 0)),
        "suggestedMaxAge": _years(_last_age(row.age_max_months)),
    }
    return {"@type": "PeopleAudience", **_known(ages)} if _known(ages) else None


def _last_age(end_months: int | None) -> int | None:
    # A list "6-14" takes children of 14; the end of a nido is a birthday.
    if end_months is None or end_months <= 3 * MONTHS_PER_YEAR or end_months % MONTHS_PER_YEAR:
        return end_months
    return end_months - MONTHS_PER_YEAR


def _years(months: int | None) -> float | None:
    years = None if months is None else round(months / MONTHS_PER_YEAR, 2)
    return int(years) if years is not None and years.is_integer() else years


def _contact(row: ServiceRow) -> Node | None:
    numbers = _phones(row)
    return {"@type": "ContactPoint", "telephone": numbers} if numbers else None


def _phones(row: ServiceRow) -> list[str] | None:
    numbers = sorted(phone_digits(row.phone))
    return [f"+39{digits}" if digits[0] in "03" else digits for digits in numbers] or None


def _place(row: ServiceRow, node_id: str, hours: list[Node] | None) -> Node:
    place = {
        "@type": PLACES.get(row.category, "Place"),
        "@id": node_id,
        "name": row.name,
        "address": _known(
            {
                "@type": "PostalAddress",
                "streetAddress": row.address,
                "postalCode": row.cap,
                "addressLocality": row.city,
                "addressCountry": "IT",
            }
        ),
        "geo": _point(row),
        "telephone": _phones(row),
        "openingHoursSpecification": hours,
        "isAccessibleForFree": row.free,
        "amenityFeature": _without_steps(row),
    }
    return _known(place)


def _point(row: ServiceRow) -> Node | None:
    # A point halfway along a street is no place to be led to.
    if row.lon is None or row.precision == "street":
        return None
    return {"@type": "GeoCoordinates", "latitude": row.lat, "longitude": row.lon}


def _without_steps(row: ServiceRow) -> Node | None:
    if row.step_free is None:
        return None
    kind = "LocationFeatureSpecification"
    return {"@type": kind, "name": "Ingresso senza gradini", "value": row.step_free}


def _hours(osm: str | None, today: date) -> list[Node] | None:
    week = timetable(osm, today)
    if week is None:
        return None
    valid = {
        "validFrom": week.first_day.isoformat(),
        "validThrough": (week.first_day + timedelta(days=len(week.days) - 1)).isoformat(),
    }
    nodes = [
        _open(name, span) | ({} if week.regular else valid)
        for name, day in zip(DAYS, week.days, strict=True)
        for span in day
        if span.sure
    ]
    return nodes or None


def _open(day: str, span: Span) -> Node:
    return {
        "@type": "OpeningHoursSpecification",
        "dayOfWeek": f"{CONTEXT}/{day}",
        "opens": span.opens,
        "closes": LAST_MINUTE if span.closes == MIDNIGHT else span.closes,
    }


def _known(node: Node) -> Node:
    return {name: value for name, value in node.items() if value is not None}
