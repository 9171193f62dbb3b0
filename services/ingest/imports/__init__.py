"""Files that members send: lists edition by edition, notices as events, and an answer for every row."""
