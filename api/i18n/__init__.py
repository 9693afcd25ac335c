"""Languages of the pages and their catalogues."""
