"""Every SQL statement on the tables of `risk`: `sites` and flags, `facts` of lists, and `views` for operators."""
