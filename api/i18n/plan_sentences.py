"""Sentences about sites and scenarios, in the language of the reader, made from their figures."""

from collections.abc import Mapping
from typing import Any

from api.i18n.language import Words
from api.i18n.list_sentences import completeness_sentence, people_number, people_sentence
from api.i18n.zone_sentences import isolated, listed
from mapping.coverage.list_words import is_complete
from mapping.maps.map_words import people
from mapping.siting.inputs import NODE_GRID_METRES
from mapping.tables import Row
from mapping.taxonomy import placed_category
from mapping.text import area_name

Figures = Mapping[str, Any]

MAX_NAMED = 3
"""The areas that a sentence names, of those that gain by a site."""


def site_in_words(plan: Figures, words: Words) -> Row:
    """Add what a person reads to the answer of `siting.answers.site`."""
    sites = [{**row, "name": _name(row, words)} for row in plan["sites"]]
    return {
        **_in_words(plan, words),
        "sites": [{**row, "words": _site(row, plan, words)} for row in sites],
        "words": _reached(plan, words),
    }


def change_in_words(plan: Figures, words: Words) -> Row:
    """Add what a person reads to the answer of `siting.answers.change`."""
    changes = [
        {**row, "words": _where_computed(number, row, words)}
        for number, row in enumerate(plan["changes"], 1)
    ]
    return {**_in_words(plan, words), "changes": changes, "words": _change(plan, words)}


def closures_in_words(plan: Figures, words: Words) -> Row:
    """Add what a person reads to the answer of `siting.answers.fragile`."""
    _ = words.gettext
    whom = words.fill(
        _("%(unit)s, entro %(minutes)s"),
        unit=_(people(placed_category(plan["category"]))),
        minutes=words.exact_minutes(plan["minutes"]),
    )
    text = _("Se chiudesse, resterebbero senza %(service)s così vicino (%(whom)s):")
    head = words.fill(text, service=_service(plan, words), whom=whom)
    return {**_in_words(plan, words), "words": head}


def closure_in_words(service: Figures, words: Words) -> str:
    """Say where most would turn if a service closed, and who counts on an estimated walk."""
    _ = words.gettext
    text = _("nessun altro fra quelli contati")
    if service["fallback"]:
        minutes, estimated = service["fallback_minutes"], service["fallback_estimated"]
        walk = "-" if minutes is None else words.walked(minutes, estimated=estimated)
        text = words.fill(_("poi %(name)s, %(minutes)s"), name=service["fallback"], minutes=walk)
    if service["losing_estimated"]:
        more = _(
            "%(fallback)s; altri %(number)s avrebbero solo un cammino stimato, oltre il confine"
        )
        text = words.fill(more, fallback=text, number=service["losing_estimated"])
    if service["rank_estimated"]:
        more = _("%(fallback)s; posto %(rank)s, ma dipende dalla stima: per strade note %(other)s")
        places = {"rank": service["rank"], "other": service["rank_by_streets"]}
        text = words.fill(more, fallback=text, **places)
    return text


def _in_words(plan: Figures, words: Words) -> Row:
    unit = words.gettext(people(placed_category(plan["category"])))
    warnings = [{**warning, "text": _warning(warning, plan, words)} for warning in plan["warnings"]]
    declared = plan["completeness"][plan["category"]]
    kind = placed_category(plan["category"])
    return {
        **plan,
        "list": completeness_sentence(declared, words),
        "people_source": people_sentence(kind, plan["people_bases"], words),
        "unit": unit,
        "warnings": warnings,
    }


def _service(plan: Figures, words: Words) -> str:
    """Name what is counted as a service: one, or one of so many, where there may be others."""
    _, basis = words.gettext, plan["basis"]
    is_verified = basis["basis"] == "verified"
    if is_complete(plan["completeness"][plan["category"]]) and not basis["unplaced"]:
        return _("un servizio verificato") if is_verified else _("un servizio")
    number = basis["services"] + basis["outside"]
    alone, among = _("l'unico che conosciamo"), _("uno dei %(num)s che conosciamo")
    if basis["unplaced"]:
        alone = _("l'unico di cui conosciamo il luogo")
        among = _("uno dei %(num)s di cui conosciamo il luogo")
    if is_verified:
        alone = _("l'unico verificato che conosciamo")
        among = _("uno dei %(num)s verificati che conosciamo")
    service = alone if number == 1 else words.fill(among, num=number)
    if not basis["outside"]:
        return service
    text = _("%(service)s (oltre il confine: %(outside)s)")
    return words.fill(text, service=service, outside=basis["outside"])


def _name(site: Figures, words: Words) -> str:
    return site["name"] or words.gettext("strada senza nome")


def _site(site: Figures, plan: Figures, words: Words) -> str:
    """Say what a site would bring."""
    _ = words.gettext
    if plan["objective"] == "capacity":
        gain = words.fill(
            _("%(places)s, per %(people)s oggi senza posto in %(service)s"),
            places=_places(site["places"], words),
            people=_people(site["people"], plan, words),
            service=_service(plan, words),
        )
    else:
        people, walk = _people(site["people"], plan, words), _walk(plan, words)
        text = _("%(people)s in più %(walk)s, oggi senza %(service)s così vicino")
        gain = words.fill(text, people=people, walk=walk, service=_service(plan, words))
    named = [isolated(area_name(row["name"]), words) for row in site["by_area"][:MAX_NAMED]]
    if named:
        text = _("%(gain)s, soprattutto in %(areas)s")
        gain = words.fill(text, gain=gain, areas=listed(named, words))
    if site["median_minutes_saved"]:
        saved, estimated = site["median_minutes_saved"], site["minutes_estimated"]
        saved = words.walked(saved, estimated=estimated)
        text = _(
            "%(gain)s; metà di chi ci guadagna risparmia più di %(minutes)s rispetto al più vicino"
            " che conosciamo"
        )
        gain = words.fill(text, gain=gain, minutes=saved)
    text = words.fill(_("%(name)s: %(gain)s."), name=isolated(site["name"], words), gain=gain)
    return " ".join([text, *_site_estimates(site, plan, words)])


def _site_estimates(site: Figures, plan: Figures, words: Words) -> list[str]:
    """Say what of a site rests on estimated walks over the border: people, minutes, its rank."""
    _ = words.gettext
    more = _(
        "Altri, lì vicino, hanno oggi un servizio solo con un cammino stimato, oltre il confine:"
        " %(people)s."
    )
    people = _people(site["people_estimated"] or 0, plan, words)
    is_moved = site["rank_estimated"]
    marks = [
        (site["people_estimated"], words.fill(more, people=people)),
        (
            site["minutes_estimated"] and site["median_minutes_saved"],
            _("I minuti risparmiati sono in parte stimati."),
        ),
        (is_moved, _("Il posto in classifica dipende dalla stima.")),
        (is_moved is None, _("Se il posto in classifica dipende dalla stima, non si sa.")),
    ]
    return [text for holds, text in marks if holds]


def _by_estimate(plan: Figures, words: Words) -> str:
    """Say how many have a service by an estimated walk alone, before and after; or nothing."""
    before, after = (plan[side]["within_estimated"] for side in ("before", "after"))
    if not before and not after:
        return ""
    text = words.gettext(
        "Solo con un cammino stimato, oltre il confine: %(before)s oggi, %(after)s poi."
    )
    return " " + words.fill(text, before=before, after=after)


def _reached(plan: Figures, words: Words) -> str:
    """Say how many would have the service within the walk, before and after."""
    return _within(plan, words) + _by_estimate(plan, words)


def _within(plan: Figures, words: Words) -> str:
    return words.fill(
        words.gettext(
            "Con %(service)s %(walk)s: oggi %(before)s su %(people)s; contando anche le sedi"
            " proposte, %(after)s."
        ),
        service=_service(plan, words),
        before=plan["before"]["within"],
        after=plan["after"]["within"],
        people=_people(plan["before"]["people"], plan, words),
        walk=_walk(plan, words),
    )


def _change(plan: Figures, words: Words) -> str:
    """Say what changes would do to the city."""
    return _gained(plan, words) + _by_estimate(plan, words)


def _gained(plan: Figures, words: Words) -> str:
    _ = words.gettext
    before, after = plan["before"]["within"], plan["after"]["within"]
    walk, gained = _walk(plan, words), after - before
    service = _service(plan, words)
    if any(row["do"] == "add" for row in plan["changes"]):
        service = words.fill(_("%(service)s o una sede nuova"), service=service)
    parts = {"people": _people(abs(gained) or before, plan, words), "walk": walk}
    if gained == 0:
        same = _("Non cambia niente: %(people)s %(walk)s da %(service)s, come oggi.")
        return words.fill(same, service=service, **parts)
    more = _("%(people)s in più %(walk)s da %(service)s: oggi %(before)s, poi %(after)s.")
    fewer = _("%(people)s in meno %(walk)s da %(service)s: oggi %(before)s, poi %(after)s.")
    text = more if gained > 0 else fewer
    return words.fill(text, service=service, before=before, after=after, **parts)


def _where_computed(number: int, change: Figures, words: Words) -> str | None:
    """Say at which crossing a change was computed; None where it is as it was asked."""
    if not change["snapped_metres"]:
        return None
    text = words.gettext(
        "Modifica %(number)s: il conto è fatto all'incrocio più vicino, a %(metres)s m dal punto"
        " indicato (lon %(lon)s, lat %(lat)s)."
    )
    lon, lat = str(change["lon"]), str(change["lat"])
    return words.fill(text, number=number, metres=change["snapped_metres"], lon=lon, lat=lat)


def _warning(warning: Figures, plan: Figures, words: Words) -> str:
    """Say what a plan leaves open, by the code of the warning and its numbers."""
    _, number = words.gettext, warning.get("number") or 0
    if warning["code"] == "catalogue_incomplete":
        return _(
            "Dove l'elenco non ne ha nessuno può essercene uno che non conosciamo: questo piano non"
            " dimostra che lì manchi."
        )
    if warning["code"] in ("places_unknown", "border_estimated"):
        return _warning_of_people(warning["code"], _people(number, plan, words), words)
    if warning["code"] == "time_limit":
        text = _(
            "Il tempo è scaduto: un altro piano potrebbe essere migliore"
            " (scarto massimo: %(gap)s%%)."
        )
        return words.fill(text, gap=words.tenths(100 * plan["solution"]["gap"]))
    texts = {
        "records_unverified": _(
            "Servizi contati come esistenti: %(services)s; da verificare: %(num)s."
        ),
        "records_left_out": _(
            "Servizi dell'elenco lasciati fuori dal conto, perché nessuno li ha verificati di"
            " recente: %(num)s."
        ),
        "records_unplaced": _(
            "Servizi di cui non si conosce il luogo, e che non sono contati: %(num)s."
        ),
        "fewer_sites": words.ngettext(
            "Basta %(num)s sede: un'altra non aggiungerebbe nessuno.",
            "Bastano %(num)s sedi: un'altra non aggiungerebbe nessuno.",
            number,
        ),
        "premises_unchecked": _(
            "Se le sedi proposte siano libere, adatte o pubbliche non è noto: va verificato."
        ),
        "low_income_uncounted": _(
            "Le sedi sono scelte per i bambini in famiglie a basso reddito; i numeri sono di tutti"
            " i bambini, perché di quelli direbbero chi abita in pochi isolati."
        ),
        "nodes_unchecked": _(
            "Gli incroci sono uno ogni %(metres)s metri: la sede va cercata lì intorno."
        ),
    }
    parts = {"services": plan["basis"]["services"], "metres": NODE_GRID_METRES}
    return words.fill(texts[warning["code"]], num=number, **parts)


def _warning_of_people(code: str, people: str, words: Words) -> str:
    _ = words.gettext
    texts = {
        "places_unknown": _(
            "Di alcuni servizi non si conoscono i posti. Chi li ha vicini non è contato, né servito"
            " né da servire: %(people)s."
        ),
        "border_estimated": _(
            "Oltre il confine non si conoscono tutte le strade: %(people)s hanno oggi un servizio"
            " entro il cammino solo per una stima in linea d'aria. Contano come se lo avessero, ma"
            " potrebbero non averlo."
        ),
    }
    return words.fill(texts[code], people=people)


def _people(number: int, plan: Figures, words: Words) -> str:
    return people_number(number, placed_category(plan["category"]), words)


def _places(number: int, words: Words) -> str:
    return words.fill(words.ngettext("%(num)s posto", "%(num)s posti", number), num=number)


def _walk(plan: Figures, words: Words) -> str:
    minutes = round(plan["minutes"])
    text = words.ngettext("entro %(num)s minuto a piedi", "entro %(num)s minuti a piedi", minutes)
    return words.fill(text, num=minutes)
