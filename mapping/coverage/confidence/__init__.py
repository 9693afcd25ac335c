"""How likely a record in hand still serves near: random errors of records and of population."""
