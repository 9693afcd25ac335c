"""Sentences about a grey zone, in the language of the reader, made from its row of the edition."""

import math
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

from api.i18n.language import Words
from api.i18n.list_sentences import people_number
from mapping.coverage.classes import DISAGREEING
from mapping.coverage.list_words import SHARE_TEXTS
from mapping.disclosure import MIN_SHARED_PEOPLE
from mapping.greyzones.depth import NEED_A_LIST
from mapping.maps.map_words import reason
from mapping.tables import ESTIMATE, ROUGH_METRES, SECONDS_PER_MINUTE, SETTLED_BY_A_CALL
from mapping.taxonomy import category
from mapping.text import area_name

Zone = Mapping[str, Any]


def with_sentences(zones: Sequence[Zone], words: Words) -> list[dict[str, Any]]:
    """Add `why` and `rank_why` to rows of `greyzones.columns.GREYZONES`."""
    return [
        {**zone, "why": zone_why(zone, words), "rank_why": zone_rank_why(zone, words)}
        for zone in zones
    ]


def zone_name(zone: Zone, words: Words) -> str:
    """Name a zone by the areas in which its people live: up to three, or the two of most people."""
    # An edition from before them has the name of one alone.
    names = [isolated(area_name(name), words) for name in zone.get("names") or [zone["name"]]]
    if len(names) == 1:
        return names[0]
    pair = {"first": names[0], "second": names[1]}
    if len(names) == 2:  # noqa: PLR2004 - a pair
        return words.fill(words.gettext("%(first)s e %(second)s"), **pair)
    if len(names) == 3:  # noqa: PLR2004 - a single other is no longer by its name
        text = words.gettext("%(first)s, %(second)s e %(third)s")
        return words.fill(text, third=names[2], **pair)
    return words.fill(words.gettext("%(first)s, %(second)s e altri"), **pair)


def zone_why(zone: Zone, words: Words) -> str:
    """Say why the nearest service does not serve a zone, in one sentence."""
    _ = words.gettext
    whole = {
        "estimated_times": _("Senza le strade i tempi sono solo stimati in linea d'aria."),
        "off_network": _("Le strade note non portano da qui a nessun servizio."),
        "no_way": _(
            "Un adulto ci arriva, ma per questo profilo non si conosce una via percorribile."
        ),
    }
    if zone["reason"] in whole:
        return whole[zone["reason"]]
    distance, causes = _distance(zone, words), [_cause(zone, words), _position(zone, words)]
    cause = _joined([text for text in causes if text] or [""], _("%(first)s; %(second)s"))
    if not cause:
        return words.fill(_("%(distance)s."), distance=distance)
    return words.fill(_("%(distance)s; %(cause)s."), distance=distance, cause=cause)


def zone_rank_why(zone: Zone, words: Words) -> str:
    """Say in which list a zone is, and why it has its rank, in one sentence."""
    _ = words.gettext
    people = (
        _people(zone["demand"], zone, words) if _has(zone, "demand") else _uncounted(zone, words)
    )
    if zone["ranking"] == "depends":
        text = _(
            "Senza rango, dipende dalle ipotesi: %(assumptions)s, i più di loro sarebbero vicini"
            " (%(people)s)."
        )
        if len(_own_assumptions(zone)) > 1:
            text = _(
                "Senza rango, dipende dalle ipotesi: basta una di queste, e i più di loro sarebbero"
                " vicini (%(people)s): %(assumptions)s."
            )
        why = words.fill(text, assumptions=_assumptions(zone, words), people=people)
        return why + (_estimate(zone, words) if _rank_by_streets(zone) else "")
    needs_list = zone["reason"] in NEED_A_LIST
    if needs_list or not _has(zone, "rank"):
        text = _without_rank(zone, words)
        return words.fill(text, people=people, fewest=MIN_SHARED_PEOPLE)
    minutes = _mean_beyond(zone, words)
    parts = {"rank": zone["rank"], "ranked": zone["ranked"], "people": people, "minutes": minutes}
    if zone["ranking"] == "to_check":
        return _to_check(zone, parts, words) + _estimate(zone, words)
    text = _(
        "Lontana accertata, %(rank)s di %(ranked)s: %(people)s, in media %(minutes)s minuti oltre"
        " gli accettabili."
    )
    return words.fill(text, **parts) + _estimate(zone, words)


def _is_estimate(zone: Zone) -> bool:
    return ESTIMATE in (zone.get("depends_on") or ())


def _estimate(zone: Zone, words: Words) -> str:
    """Say that a rank, or its minutes, rest on an estimate, and the rank along known streets."""
    if not _is_estimate(zone):
        return ""
    _, streets = words.gettext, _rank_by_streets(zone)
    text = _("Il rango dipende da una stima in linea d'aria, oltre il confine.")
    if streets is None:
        return f" {text}"
    if streets == zone["rank"]:
        if not _tells_mean(zone):
            return ""
        text = _("I minuti dipendono da una stima in linea d'aria, oltre il confine; il rango no.")
    elif not _has(zone, "rank"):
        text = _(
            "Dipende anche da una stima in linea d'aria, oltre il confine: per strade note avrebbe"
            " il rango %(rank)s."
        )
    else:
        text = _(
            "Il rango dipende da una stima in linea d'aria, oltre il confine: per strade note"
            " sarebbe %(rank)s."
        )
    return " " + words.fill(text, rank=str(streets))


def _rank_by_streets(zone: Zone) -> int | None:
    """Give the rank along known streets alone; None for none, and of an older edition."""
    rank = zone.get("rank_by_streets")
    return None if rank is None or math.isnan(rank) else int(rank)


def _tells_mean(zone: Zone) -> bool:
    """Whether the sentence of a rank has the mean minutes beyond the acceptable ones."""
    of_others = (*SETTLED_BY_A_CALL, "border", "border_streets")
    return zone["ranking"] == "ascertained" or zone["reason"] not in of_others


def _without_rank(zone: Zone, words: Words) -> str:
    """Say why a zone that depends on no assumption has no rank."""
    _ = words.gettext
    if not category(zone["category"]).is_demand_declared:
        return _("Senza rango: a chi è rivolto questo servizio non è dichiarato.")
    if zone["reason"] in NEED_A_LIST:
        return _("Da verificare, senza rango: %(people)s; qui serve un elenco, non una telefonata.")
    if zone["sections"] > 1 and not _has(zone, "demand"):
        return _("Senza rango: %(people)s.")
    if _has(zone, "demand"):
        return _("Senza rango: %(people)s, meno di %(fewest)s; zone così piccole non si ordinano.")
    return _("Senza rango: di una sola sezione non si pubblica quante persone sono.")


def _mean_beyond(zone: Zone, words: Words) -> str:
    """Write the mean minutes beyond the acceptable ones: at the least, where a walk was cut."""
    # An edition from before this column does not say whether any was.
    is_cut = bool(zone.get("depth_at_least", True))
    beyond = zone["depth"] * zone["walk_minutes"]
    minutes = words.tenths(beyond, at_least=is_cut)
    at_least = SHARE_TEXTS["at_least"]
    if is_cut:
        return words.gettext(at_least) % {"share": minutes}
    if _is_estimate(zone):  # a straight line knows no tenths
        return words.gettext("circa %(minutes)s") % {"minutes": words.number(round(beyond))}
    return minutes


def _own_assumptions(zone: Zone) -> list[str]:
    """List the assumptions that make it no zone: an estimate changes its minutes alone."""
    return [name for name in zone.get("depends_on") or () if name != ESTIMATE]


def _assumptions(zone: Zone, words: Words) -> str:
    """Name the assumptions that make it no zone; an edition from before them has not kept which."""
    _ = words.gettext
    texts = {
        "faster": _("con un passo del 15% più svelto"),
        "longer": _("con due minuti in più"),
        "hexagons": _("contando per esagoni di 250 metri"),
    }
    names = [texts[name] for name in _own_assumptions(zone)]
    pair = _("%(first)s; %(second)s")  # each does by itself
    return _joined(names or [_("con un'altra, altrettanto usuale")], pair)


def _to_check(zone: Zone, parts: Mapping[str, Any], words: Words) -> str:
    _ = words.gettext
    # No call tells where a door is to thirty metres.
    is_measured = zone["reason"] == "position_uncertain"
    if _has(zone, "call_people") and zone["call_people"]:
        text = _("Da verificare, %(rank)s di %(ranked)s (%(people)s): chiama %(name)s. %(outcome)s")
        if not zone.get("call_phone"):
            text = _(
                "Da verificare, %(rank)s di %(ranked)s (%(people)s): passa da %(name)s, di cui non"
                " conosciamo il telefono. %(outcome)s"
            )
        if is_measured:
            text = _(
                "Da verificare, %(rank)s di %(ranked)s (%(people)s): misura dov'è l'ingresso di"
                " %(name)s. %(outcome)s"
            )
        name = isolated(_whom(zone, words), words)
        return words.fill(text, name=name, outcome=_outcome(zone, words), **parts)
    if zone["reason"] in SETTLED_BY_A_CALL:
        text = _(
            "Da verificare, %(rank)s di %(ranked)s: %(people)s; il servizio da verificare può"
            " essere oltre il cammino accettabile: un sì da solo basta a pochi, o a nessuno."
        )
        if is_measured:
            text = _(
                "Da verificare, %(rank)s di %(ranked)s: %(people)s; vicino ci sono più servizi di"
                " posizione incerta: basta che un ingresso sia vicino, non che uno sia lontano."
            )
        return words.fill(text, **parts)
    if zone["reason"] == "border":
        text = _(
            "Da verificare, %(rank)s di %(ranked)s: %(people)s; chiedi l'elenco al comune vicino."
        )
        return words.fill(text, **parts)
    if zone["reason"] == "border_streets":
        text = _(
            "Da verificare, %(rank)s di %(ranked)s: %(people)s; prova a piedi la strada oltre il"
            " confine."
        )
        return words.fill(text, **parts)
    text = _(
        "Da verificare, %(rank)s di %(ranked)s: %(people)s, in media %(minutes)s minuti oltre"
        " gli accettabili fino a un servizio che conosciamo."
    )
    return words.fill(text, **parts)


def _outcome(zone: Zone, words: Words) -> str:
    """Say for how many a yes is enough, and what a no tells of whom it is the only one for.

    After a no they have none that is known, which is all that a list may say if it is partial.
    """
    _ = words.gettext
    enough = _("Un sì basta a %(enough)s.")
    if zone["reason"] == "position_uncertain":
        enough = _("Se è entro il cammino accettabile, basta a %(enough)s.")
    yes = words.fill(enough, enough=_people(zone["call_people"], zone, words))
    return f"{yes} {_after_a_no(zone, words)}"


def _after_a_no(zone: Zone, words: Words) -> str:
    _ = words.gettext
    # An edition from before this column counted those alone.
    alone = zone["call_alone"] if "call_alone" in zone else zone["call_people"]
    if not alone:
        return _("Dopo un no restano, vicino, altri servizi da verificare.")
    text = {
        "hours_unknown": _(
            "Per %(settled)s è il solo, vicino, che conosciamo: se in questa fascia non è aperto,"
            " vicino a loro non ne conosciamo altri."
        ),
        "suitability_unknown": _(
            "Per %(settled)s è il solo, vicino, che conosciamo: se non è adatto a questa richiesta,"
            " vicino a loro non ne conosciamo altri."
        ),
        "position_uncertain": _(
            "Per %(settled)s è il solo, vicino, che conosciamo: se non è entro il cammino"
            " accettabile, vicino a loro non ne conosciamo altri."
        ),
    }.get(
        zone["reason"],
        _(
            "Per %(settled)s è il solo, vicino, che conosciamo: se non è attivo, vicino a loro non"
            " ne conosciamo altri."
        ),
    )
    return words.fill(text, settled=_people(alone, zone, words))


def _whom(zone: Zone, words: Words) -> str:
    """Name whom to ask, and where: many nidi are called «Asilo nido»."""
    place = zone.get("call_address")
    if not place and zone.get("call_near"):
        place = words.fill(words.gettext("vicino a %(place)s"), place=zone["call_near"])
    if place and place.replace(",", "") in zone["call_name"]:
        place = None
    known = [part for part in (place, zone.get("call_phone")) if part]
    return f"{zone['call_name']} ({', '.join(known)})" if known else str(zone["call_name"])


def listed(parts: Sequence[str], words: Words) -> str:
    """Put parts of a sentence one after the other, with the comma of the language."""
    return _joined(parts, words.gettext("%(first)s, %(second)s"))


def _joined(parts: Sequence[str], pair: str) -> str:
    return reduce(lambda first, second: pair % {"first": first, "second": second}, parts)


def isolated(name: str, words: Words) -> str:
    """Keep a name written left to right from mixing with a text written right to left.

    The marks are FSI and PDI of Unicode's bidirectional algorithm (UAX #9).
    """
    if words.direction == "ltr":
        return name
    return f"\N{FIRST STRONG ISOLATE}{name}\N{POP DIRECTIONAL ISOLATE}"


def isolated_in_lines(name: str, words: Words) -> str:
    """Keep such a name together on paper too, where every line of it is laid out by itself.

    Words and commas are followed by LRM, so that none begins or ends a line on the wrong side.
    """
    if words.direction == "ltr":
        return name
    mark = "\N{LEFT-TO-RIGHT MARK}"
    return isolated(name.replace(",", f",{mark}").replace(" ", f" {mark}"), words)


def _distance(zone: Zone, words: Words) -> str:
    minutes, walk = zone["nearest_minutes"], zone["walk_minutes"]
    if minutes is None:
        return words.gettext("Nessun servizio noto è raggiungibile a piedi")
    _, name = words.gettext, isolated(zone["nearest_name"], words)
    parts = {"name": name, "median": _median(zone, words), "walk": walk}
    if minutes > walk:
        text = _(
            "Il più vicino che conosciamo, per i più %(name)s, è a %(median)s: %(over)s oltre il"
            " limite accettabile di %(walk)s"
        )
        return words.fill(text, over=minutes - walk, **parts)
    text = _("Il più vicino che conosciamo, per i più %(name)s, è a %(median)s")
    if minutes == walk and zone["seconds"] > walk * SECONDS_PER_MINUTE:
        text = _(
            "Il più vicino che conosciamo, per i più %(name)s, è a %(median)s: poco oltre il limite"
            " accettabile"
        )
    return words.fill(text, **parts)


def _median(zone: Zone, words: Words) -> str:
    """Write the median minutes of a zone, and whether they are estimated."""
    minutes = zone["nearest_minutes"]
    text = words.ngettext("%(num)s minuto in mediana", "%(num)s minuti in mediana", minutes)
    if _is_rough(zone):
        text = words.ngettext(
            "circa %(num)s minuto in mediana", "circa %(num)s minuti in mediana", minutes
        )
    if zone.get("estimated"):
        text = words.ngettext(
            "circa %(num)s minuto in mediana, stimato in linea d'aria",
            "circa %(num)s minuti in mediana, stimati in linea d'aria",
            minutes,
        )
    return words.fill(text, num=minutes)


def _cause(zone: Zone, words: Words) -> str:
    """Say what else there is to know, beside the distance; nothing where that is all."""
    _ = words.gettext
    reason, known = zone["reason"], zone["nearest_minutes"] is not None
    if reason == "catalogue_incomplete":
        return _catalogue(zone["known_total"], words)
    if reason == "premises_declared" and zone["premises_name"]:
        return words.fill(
            _("un edificio si dichiara «%(name)s» (%(basis)s), e nessun elenco lo conosce"),
            name=isolated(zone["premises_name"], words),
            basis=isolated(zone["premises_basis"] or "", words),
        )
    if reason == "records_unverified" and known:
        return _doubt(zone, words)
    return {
        "all_closed": _("in questa fascia è chiuso"),
        "all_unsuitable": _("non è adatto a questa richiesta"),
        "hours_unknown": _("non si sa se in questa fascia è aperto"),
        "suitability_unknown": _("non si sa se è adatto a questa richiesta"),
        "list_expired": _(
            "l'elenco era completo, ma troppo tempo fa per dire che non ce ne sia uno più vicino"
        ),
        "records_unplaced": _("di altri servizi dell'elenco non si conosce la posizione"),
        "border": _("oltre il confine potrebbe essercene un altro più vicino"),
        "border_streets": _streets_beyond(zone, words),
        "places_short": _("i posti sono meno di quelli che servono"),
    }.get(reason, "")


def _is_rough(zone: Zone) -> bool:
    """Whether the minutes lead to where a service may be, as `ServiceRow.is_rough`."""
    return (zone["nearest_error_metres"] or 0.0) > ROUGH_METRES


def _position(zone: Zone, words: Words) -> str:
    """Say how well the place of the nearest is known, where that matters."""
    is_why = zone["reason"] == "position_uncertain"
    if zone["nearest_minutes"] is None or not (is_why or _is_rough(zone)):
        return ""
    metres = words.metres(zone["nearest_error_metres"])
    # An edition from before this column does not say it.
    if zone.get("nearest_two_places"):
        text = words.gettext("è in uno di due luoghi, a %(metres)s l'uno dall'altro")
    else:
        text = words.gettext("la sua posizione è nota entro %(metres)s")
    return words.fill(text, metres=metres)


def _streets_beyond(zone: Zone, words: Words) -> str:
    _, minutes = words.gettext, zone["nearest_minutes"]
    if minutes is not None and minutes <= zone["walk_minutes"]:
        return _("è oltre il confine, dove non conosciamo tutte le strade")
    return _("oltre il confine non conosciamo tutte le strade, e il cammino può essere più corto")


def _catalogue(known_total: int | None, words: Words) -> str:
    if not known_total:
        return words.gettext("l'elenco non è completo")
    text = words.gettext("l'elenco non è completo: in città ne risultano circa %(total)s")
    return words.fill(text, total=known_total)


def _doubt(zone: Zone, words: Words) -> str:
    if zone["nearest_status"] == "unsure":
        return words.gettext("da verificare: la fonte non è certa che sia attivo")
    assured = zone["nearest_assured_date"]
    if not assured:
        return words.gettext("da verificare: non si sa quando fu confermato")
    text = words.gettext("da verificare: l'ultima conferma è del %(year)s")
    return words.fill(text, year=assured[:4])


def _has(zone: Zone, column: str) -> bool:
    number = zone[column]
    return number is not None and not math.isnan(number)


def _uncounted(zone: Zone, words: Words) -> str:
    """Say why the people of a zone have no number."""
    _ = words.gettext
    if zone["sections"] == 1:
        return _("le persone di una sola sezione")
    if category(zone["category"]).counted_ages is None:
        return _("non si sa quante persone")
    return _(reason(DISAGREEING))


def _people(demand: float, zone: Zone, words: Words) -> str:
    people = people_number(round(demand), category(zone["category"]), words)
    return words.fill(words.gettext("circa %(people)s"), people=people)
