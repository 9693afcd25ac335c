"""Reference layers: areas, census, streets, addresses, background."""
