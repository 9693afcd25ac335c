"""One cell: numbers, ages, contacts."""
