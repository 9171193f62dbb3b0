"""Facts of public lists: what one row says, the files that lists come in, editions, and the facts in force."""
