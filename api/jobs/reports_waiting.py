"""What people reported and nobody has settled, as a terminal may show it."""

from collections.abc import Sequence
from dataclasses import replace

from api.jobs.review import MASKED, handles
from api.settings import Settings
from mapping.catalogue.catalogue import Catalogue
from mapping.catalogue.reports import Report, Reports, in_reading_order
from mapping.disclosure import is_confidential


def reports_waiting(settings: Settings) -> list[Report]:
    """List the reports that nobody has settled, by service, and what looks alike last."""
    with Reports.open(settings.catalogue_url) as reports:
        return masked_reports(settings, in_reading_order(reports.waiting()))


def masked_reports(settings: Settings, reports: Sequence[Report]) -> list[Report]:
    """Mask those of services that have become confidential since: their ids hold names."""
    with Catalogue.open(settings.catalogue_url, create=False) as catalogue:
        hidden = {service.service_id for service in catalogue.known() if is_confidential(service)}
        if hidden.isdisjoint(report.service_id for report in reports):
            return list(reports)
        handle = handles(catalogue)
    return [
        replace(report, service_id=handle(report.service_id), said=report.said and MASKED)
        if report.service_id in hidden
        else report
        for report in reports
    ]
