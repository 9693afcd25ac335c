"""Reference layers of a city: areas, census, income, streets, civic numbers, background."""
