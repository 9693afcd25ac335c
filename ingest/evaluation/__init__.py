"""Measured quality of geocoding and matching."""
