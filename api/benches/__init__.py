"""The benchmark: our work and that of peers on the same graph, each in a process of its own."""
