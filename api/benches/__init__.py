"""Works that we and our peers do on the same ground, each in a process of its own."""
