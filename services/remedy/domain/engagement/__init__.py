"""Engagements: what a working group asks of a supplier, and whether it delivers. Pure decisions.

`standing` holds an engagement as it stands, the sum of its entries; `life`, `asks`, `escalation` decide what an entry
does to it; `proposals` what gives reason for one; `conditions` the same for the follow-up of a contract.
"""
