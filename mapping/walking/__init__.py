"""How long a walk is: streets as a graph, and the shortest ways on it."""
