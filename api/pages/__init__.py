"""Templates of the pages, and how they are filled."""
