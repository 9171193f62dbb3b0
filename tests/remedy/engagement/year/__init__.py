"""A year of engagement of three groups with forty suppliers, generated, played through real servers, and reckoned."""
