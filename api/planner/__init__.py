"""The planner's pages: what they show, and their state as an address."""
