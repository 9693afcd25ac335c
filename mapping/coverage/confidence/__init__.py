"""How sure a class is: the claim repeated under drawn errors of the records."""
