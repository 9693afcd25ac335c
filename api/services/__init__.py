"""The public page and the card of a service."""
