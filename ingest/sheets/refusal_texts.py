"""What is wrong with a row that was set apart, in Italian."""

from mapping.catalogue.batches import QuarantinedRow

IN_ITALIAN = {
    "unreadable_row": "La riga non si legge: di solito vi manca una virgoletta. Correggila.",
    "ragged_row": "La riga non ha tante celle quante l'intestazione. Controlla i separatori.",
    "cell_error": "Una cella contiene un errore del foglio (#RIF!, #DIV/0!). Correggi la formula.",
    "struck": "Una cella è barrata: non si sa se vale. Cancella la riga, o togli la barratura.",
    "no_value": "Una cella ha una formula senza risultato. Apri il foglio, salvalo, e riprova.",
    "duplicate_key": "Un altro servizio è identico a questo. Dai ai due nomi o codici diversi.",
    "bad_value": "Un valore non va bene. Correggilo.",
    "bad_catchment": "Non nomina delle zone. Scrivi Municipio 8, Municipi 1 e 4, NIL 76.",
    "unknown_area": "La città non ha questa zona. Correggi il numero, o lascia vuoto.",
    "contradicts_name": "Il nome dice un altro municipio. Correggi l'uno o l'altro.",
}
_NO_DAY = "Non è un giorno. Scrivi l'ultimo giorno del progetto, come 30/06/2027, o lascia vuoto."


def in_italian(row: QuarantinedRow) -> str:
    """Say what to mend in a row that was set apart.

    Parameters
    ----------
    row : QuarantinedRow
        With the field and the code.

    Returns
    -------
    str
        Its own message where there is no other.
    """
    is_no_day = (row.field, row.code) == ("funded_until", "bad_value")
    return _NO_DAY if is_no_day else IN_ITALIAN.get(row.code, row.message)
