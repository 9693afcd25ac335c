"""One module a revision of the schema; a revision that was released never changes."""
