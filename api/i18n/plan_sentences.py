"""Sentences about sites and scenarios, in the language of the reader, made from their figures."""

from collections.abc import Mapping
from typing import Any

from api.i18n.language import Words
from api.i18n.zone_sentences import isolated, listed
from mapping.tables import Row
from mapping.taxonomy import placed_category

Figures = Mapping[str, Any]

MAX_NAMED = 3
"""The areas that a sentence names, of those that gain by a site."""


def site_in_words(plan: Figures, words: Words) -> Row:
    """Add what a person reads to the answer of `siting.answers.site`."""
    sites = [{**one, "name": _name(one, words)} for one in plan["sites"]]
    return {
        **_in_words(plan, words),
        "sites": [{**one, "words": _site(one, plan, words)} for one in sites],
        "words": _reached(plan, words),
    }


def change_in_words(plan: Figures, words: Words) -> Row:
    """Add what a person reads to the answer of `siting.answers.change`."""
    return {**_in_words(plan, words), "words": _change(plan, words)}


def closures_in_words(plan: Figures, words: Words) -> Row:
    """Add what a person reads to the answer of `siting.answers.fragile`."""
    return _in_words(plan, words)


def _in_words(plan: Figures, words: Words) -> Row:
    units = {
        "children": words.gettext("bambini"),
        "low-income": words.gettext("bambini in famiglie a basso reddito"),
    }
    warnings = [{**one, "text": _warning(one, plan, words)} for one in plan["warnings"]]
    return {**plan, "unit": units[plan["weight"]], "warnings": warnings}


def _name(site: Figures, words: Words) -> str:
    return site["name"] or words.gettext("strada senza nome")


def _site(site: Figures, plan: Figures, words: Words) -> str:
    """Say what a site would bring."""
    _ = words.gettext
    if plan["objective"] == "capacity":
        gain = _("%(places)s, per %(people)s che non ne hanno") % {
            "places": _places(site["places"], words),
            "people": _people(site["people"], plan, words),
        }
    else:
        gain = _("%(people)s in più %(walk)s") % {
            "people": _people(site["people"], plan, words),
            "walk": _walk(plan, words),
        }
    named = [isolated(row["name"], words) for row in site["by_area"][:MAX_NAMED]]
    if named:
        text = _("%(gain)s, soprattutto in %(areas)s")
        gain = text % {"gain": gain, "areas": listed(named, words)}
    if site["median_minutes_saved"]:
        saved = words.number(site["median_minutes_saved"])
        text = _("%(gain)s; chi ci guadagna risparmia %(minutes)s minuti (mediana)")
        gain = text % {"gain": gain, "minutes": saved}
    return _("%(name)s: %(gain)s.") % {"name": isolated(site["name"], words), "gain": gain}


def _reached(plan: Figures, words: Words) -> str:
    """Say how many would have the service within the walk, before and after."""
    return words.gettext("%(before)s oggi %(walk)s, %(after)s con il piano, su %(people)s.") % {
        "before": plan["before"]["within"],
        "after": plan["after"]["within"],
        "people": _people(plan["before"]["people"], plan, words),
        "walk": _walk(plan, words),
    }


def _change(plan: Figures, words: Words) -> str:
    """Say what changes would do to the city."""
    _ = words.gettext
    before, after = plan["before"]["within"], plan["after"]["within"]
    walk, gained = _walk(plan, words), after - before
    if gained == 0:
        same = {
            "children": _("I bambini %(walk)s restano %(within)s."),
            "low-income": _("I bambini in famiglie a basso reddito %(walk)s restano %(within)s."),
        }
        return same[plan["weight"]] % {"walk": walk, "within": before}
    more = _("%(people)s in più %(walk)s: da %(before)s a %(after)s.")
    fewer = _("%(people)s in meno %(walk)s: da %(before)s a %(after)s.")
    return (more if gained > 0 else fewer) % {
        "people": _people(abs(gained), plan, words),
        "walk": walk,
        "before": before,
        "after": after,
    }


def _warning(warning: Figures, plan: Figures, words: Words) -> str:
    """Say what a plan leaves open, by the code of the warning and its numbers."""
    _, number = words.gettext, warning.get("number") or 0
    if warning["code"] == "catalogue_incomplete":
        text = _(
            "L'elenco «%(category)s» non è completo: dove non compare nessun servizio può"
            " essercene uno che non conosciamo. Questo piano non dimostra che lì manchi."
        )
        return text % {"category": _(placed_category(plan["category"]).label)}
    if warning["code"] == "places_unknown":
        text = _(
            "Di alcuni servizi non si conoscono i posti: %(people)s che li hanno vicini non sono"
            " contati, né serviti né da servire."
        )
        return text % {"people": _people(number, plan, words)}
    if warning["code"] == "time_limit":
        text = _(
            "Il tempo è scaduto: un altro piano potrebbe essere migliore, al più del %(gap)s%%."
        )
        return text % {"gap": words.tenths(100 * plan["solution"]["gap"])}
    texts = {
        "records_unverified": words.ngettext(
            "Dei %(services)s servizi contati come esistenti, %(num)s è da verificare.",
            "Dei %(services)s servizi contati come esistenti, %(num)s sono da verificare.",
            number,
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
        "nodes_unchecked": _("Gli incroci sono uno ogni 250 metri: la sede va cercata lì intorno."),
    }
    return texts[warning["code"]] % {"num": number, "services": plan["basis"]["services"]}


def _people(number: int, plan: Figures, words: Words) -> str:
    if plan["weight"] == "children":
        text = words.ngettext("%(num)s bambino", "%(num)s bambini", number)
    else:
        text = words.ngettext(
            "%(num)s bambino in famiglie a basso reddito",
            "%(num)s bambini in famiglie a basso reddito",
            number,
        )
    return text % {"num": number}


def _places(number: int, words: Words) -> str:
    return words.ngettext("%(num)s posto", "%(num)s posti", number) % {"num": number}


def _walk(plan: Figures, words: Words) -> str:
    minutes = round(plan["minutes"])
    text = words.ngettext("entro %(num)s minuto a piedi", "entro %(num)s minuti a piedi", minutes)
    return text % {"num": minutes}
