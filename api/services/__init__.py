"""The public page of a service, its JSON-LD and its printed card."""
