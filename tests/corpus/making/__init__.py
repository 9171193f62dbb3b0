"""How the cases are made: a module for each few kinds."""
