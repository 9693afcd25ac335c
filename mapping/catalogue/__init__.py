"""The record of who said what of a service, and when."""

from mapping.catalogue.batches import QuarantinedRow, SourceBatch

__all__ = ["QuarantinedRow", "SourceBatch"]
