"""Every SQL statement on the tables of `remedy`. The first argument is the connection."""
