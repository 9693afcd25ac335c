"""The sentence about how complete a list of services is, the same on pages and on paper."""

from collections.abc import Mapping
from typing import Any

from api.i18n.language import Words


def list_sentence(declared: Mapping[str, Any], words: Words) -> str:
    """Say what a list, as `queries.completeness` gives it, lets one claim."""
    _ = words.gettext
    parts = {"source": declared["source"], "year": str(declared["year"])}
    if declared["status"] == "complete":
        text = _(
            "L'elenco è dichiarato completo (%(source)s, %(year)s): qui si può dire anche dove il"
            " servizio è lontano."
        )
    elif declared["status"] == "expired":
        text = _(
            "L'elenco era completo quando uscì (%(source)s, %(year)s), troppo tempo fa: dove non ne"
            " compare nessuno non si può dire che manchino, e la classe è «incerta»."
        )
    elif declared["known_total"]:
        text = _(
            "In città ne risultano circa %(total)s (%(source)s, %(year)s); ne conosciamo %(known)s."
            " Gli altri ci sono, ma non si sa dove: dove non ne compare nessuno la classe è"
            " «incerta», e niente di quello che segue li conta."
        )
        parts["total"] = words.number(declared["known_total"])
        parts["known"] = words.number(declared["known"])
    else:
        text = _(
            "L'elenco di questi servizi non è completo. Dove non ne compare nessuno non si può dire"
            " che manchino: la classe è «incerta»."
        )
    return words.fill(text, **parts)
