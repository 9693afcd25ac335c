"""One cell of a source's table into a value: numbers, dates, ages, contacts."""
