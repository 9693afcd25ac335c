"""The record of who said what of a service, and when."""

from mapping.catalogue.batches import QuarantinedRow, SourceBatch
from mapping.catalogue.catalogue import Catalogue

__all__ = ["Catalogue", "QuarantinedRow", "SourceBatch"]
