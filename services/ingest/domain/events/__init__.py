"""Events as members send them, in every mode: read, checked, or refused with reasons."""
