"""Pages as PDF: laying them out, their fonts, the report of an area."""
