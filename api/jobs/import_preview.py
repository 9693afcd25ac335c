"""Shows what an import would do, to a person at a terminal or to a program."""

from collections.abc import Iterator, Sequence
from typing import get_args

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.jobs.import_sheet import ImportPlan
from ingest.sheets.headings import TO_MEND, fields
from ingest.sheets.template import ROOM
from mapping.catalogue.batches import RecordChange
from mapping.disclosure import is_confidential
from mapping.model import PLACE_FLAGS, SERVICE_FLAGS, RoomStatus, Service
from mapping.taxonomy import category

PLAIN_WIDTH = 160
"""Columns of a table that is not shown on a terminal."""
MAX_LINES = 100
"""More lines of one kind are only counted: nobody reads a thousand of them on a terminal."""
HIDDEN = "(riservato)"
"""Stands for all that is known of a confidential service."""
_YES_NO = {True: "sì", False: "no", None: ""}
_ROOM = dict(zip(get_args(RoomStatus), ROOM, strict=True))
_REASONS = {"another comune": "di un altro comune"}
_FATES = {"new": "nuovi", "changed": "cambiati", "unchanged": "invariati", "withdrawn": "tolti"}


def document(plan: ImportPlan) -> dict[str, object]:
    """Give a plan as JSON: columns, counts, changes field by field, refused rows and remarks."""
    sheet = plan.sheet
    return {
        "source": plan.source.id,
        "file": plan.wanted.path.name,
        "columns": sheet.headings.columns,
        "ignored_columns": _ignored(plan),
        "rows_in": sheet.rows_in,
        "left_out": dict(sheet.out_of_scope),
        "counts": {**{fate: plan.count(fate) for fate in _FATES}, "refused": len(sheet.refused)},
        "changes": [_change(change) for change in plan.changes if change.fate != "unchanged"],
        "held": [service.service_id for service in plan.untouched],
        "refused": [
            {"row": row.row, "field": row.field, "value": row.value, "message": row.message}
            for row in (refused.masked() for refused in sheet.refused)
        ],
        "remarks": [vars(remark) for remark in sheet.remarks],
    }


def show(plan: ImportPlan, console: Console) -> None:
    """Print a plan on a terminal, or as plain text."""
    _show_columns(plan, console)
    for fate, title in (("new", "Nuovi"), ("changed", "Cambiati"), ("withdrawn", "Da togliere")):
        lines = [line for change in plan.changes if change.fate == fate for line in _lines(change)]
        _table(console, title, ("servizio", "campo", "prima", "dopo"), lines)
    refused = [
        (str(row.row or ""), _label(row.field), row.value, row.message)
        for row in (refused.masked() for refused in plan.sheet.refused)
    ]
    _table(console, "Righe da correggere", ("riga", "colonna", "valore", "che cosa fare"), refused)
    remarks = [
        (str(remark.row or ""), _label(remark.field), remark.value, remark.message)
        for remark in plan.sheet.remarks
    ]
    _table(console, "Da guardare", ("riga", "colonna", "valore", "nota"), remarks)
    for line in _closing(plan):
        console.print(_shown(line))


def console() -> Console:
    """Make the console of the standard output: without colours and frames in a pipe."""
    seen = Console(highlight=False)
    return seen if seen.is_terminal else Console(highlight=False, width=PLAIN_WIDTH, no_color=True)


def differences(change: RecordChange) -> list[dict[str, str]]:
    """List the fields that a change touches, in the words of the sheet; empty is not said."""
    old = _texts(change.before) if change.before else {}
    new = _texts(change.after) if change.after else {}
    return [
        {"field": name, "old": old.get(name, ""), "new": new.get(name, "")}
        for name in dict.fromkeys([*new, *old])
        if old.get(name, "") != new.get(name, "")
    ]


def _change(change: RecordChange) -> dict[str, object]:
    return {
        "service_id": change.service_id,
        "fate": change.fate,
        "name": _name(change),
        "fields": differences(change),
    }


def _name(change: RecordChange) -> str:
    known = [service for service in (change.after, change.before) if service is not None]
    return HIDDEN if any(map(is_confidential, known)) else known[0].name


def _lines(change: RecordChange) -> Iterator[tuple[str, ...]]:
    if change.fate == "changed":
        for number, difference in enumerate(differences(change)):
            yield (
                _name(change) if number == 0 else "",
                difference["field"],
                difference["old"],
                difference["new"],
            )
        return
    shown = _texts(change.after or change.before)
    names = (_label("category"), _label("street"), _label("ages"))
    where = ", ".join(filter(None, (shown.get(name) for name in names)))
    values = (where, "") if change.fate == "withdrawn" else ("", where)
    yield (_name(change), "", *values)


def _texts(service: Service | None) -> dict[str, str]:
    if service is None or is_confidential(service):
        return {}
    places = service.locations
    texts = {
        "name": service.name,
        "organization": service.organization,
        "category": "; ".join(category(code).label for code in service.categories),
        "street": "; ".join(filter(None, (place.address for place in places))),
        "cap": "; ".join(dict.fromkeys(place.cap for place in places if place.cap)),
        "municipio": "; ".join(
            dict.fromkeys(place.municipio for place in places if place.municipio)
        ),
        "lon": "; ".join(
            f"{place.position.lon}, {place.position.lat}" for place in places if place.position.lon
        ),
        "hours": "; ".join(filter(None, (place.opening_hours_text for place in places))),
        "ages": _ages(service),
        "capacity": str(service.capacity) if service.capacity is not None else "",
        "room_status": _ROOM.get(service.room_status or "", ""),
        "waiting_days": "" if service.waiting_days is None else str(service.waiting_days),
        "room_date": service.room_date,
        **{name: _YES_NO[getattr(service, name)] for name in SERVICE_FLAGS},
        "required_documents": service.required_documents,
        "languages": ", ".join(service.languages or ()),
        **{
            name: "; ".join(filter(None, (_YES_NO[getattr(place, name)] for place in places)))
            for name in PLACE_FLAGS
        },
        "phone": service.phone,
        "email": service.email,
        "url": service.url,
        "assured_date": service.provenance.assured_date,
        "note": service.note,
    }
    return {_label(name): text or "" for name, text in texts.items()}


def _ages(service: Service) -> str:
    first, end = service.age_min_months, service.age_max_months
    if first is None and end is None:
        return ""
    return f"{'' if first is None else first}-{'' if end is None else end} mesi"


def _label(name: str) -> str:
    entry = fields().get(name)
    return name if entry is None else entry.label or entry.words[0].capitalize()


def _ignored(plan: ImportPlan) -> list[str]:
    return [column for column in plan.sheet.headings.ignored if column != TO_MEND]


def _show_columns(plan: ImportPlan, console: Console) -> None:
    lines = [
        (_label(name), "», poi «".join(columns))
        for name, columns in plan.sheet.headings.columns.items()
    ]
    rows = [(label, f"«{columns}»") for label, columns in lines]
    _table(console, f"{plan.wanted.path.name}: le colonne", ("letta come", "nel foglio"), rows)
    ignored = _ignored(plan)
    if ignored:
        console.print(_shown(f"Colonne non lette: «{'», «'.join(ignored)}»."))


def _closing(plan: ImportPlan) -> Iterator[str]:
    left_out = [
        f"{_REASONS.get(reason, reason)} {number}"
        for reason, number in plan.sheet.out_of_scope.items()
    ]
    counts = [f"{word} {plan.count(fate)}" for fate, word in _FATES.items()]
    yield (
        f"{plan.source.id}: {plan.sheet.rows_in} righe; servizi: {', '.join(counts)};"
        f" righe da correggere {len(plan.sheet.refused)}."
    )
    if plan.exposed:
        yield (
            f"Servizi che una riga riservata nomina, tolti subito: {len(plan.exposed)}. La prossima"
            " edizione non li avrà, e il server smette di mostrarli."
        )
    if left_out:
        yield f"Righe lasciate fuori: {', '.join(left_out)}."
    if plan.untouched:
        shown = (HIDDEN if is_confidential(service) else service.name for service in plan.untouched)
        names = "», «".join(shown)
        yield f"Restano com'erano, finché la loro riga non viene corretta: «{names}»."
    if plan.sheet.lacks_dates:
        yield (
            "Alcune righe non dicono quando sono state verificate: risulteranno «da verificare»."
            " Compila «Verificato il», o aggiungi --checked-on con la data."
        )


def _table(
    console: Console, title: str, heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]
) -> None:
    if not rows:
        return
    frame = box.SIMPLE_HEAD if console.is_terminal else None
    table = Table(*heads, title=title, title_justify="left", box=frame, show_edge=False)
    for row in rows[:MAX_LINES]:
        table.add_row(*map(_shown, row))
    console.print(table)
    if len(rows) > MAX_LINES:
        console.print(f"… e altre {len(rows) - MAX_LINES} righe: --json le mostra tutte.")
    console.print()


def _shown(text: str) -> Text:
    # What a cell holds is text: no markup, and no orders to the terminal.
    return Text("".join(letter if letter.isprintable() else " " for letter in text))
