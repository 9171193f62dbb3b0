"""The rules of `remedy`, without I/O: what may be done to a case, what follows from it, and what may be told of it."""
