"""Risk: what public lists say of the sites that suppliers disclose, and the flags that people raise.

Owns: editions of fact lists and their facts (goods by country, entities named by an authority), the disclosed sites as
last told, the indicators in force, the last assessment of each site, and flags.
Consumes: `members.disclosure`, `members.report`.
Publishes, on `members.risk`: `indicator.raised.v1`, `indicator.withdrawn.v1`, `assessment.made.v1`, `flag.opened.v1`.

An indicator says what a list says, and accuses nobody; a flag is raised by people. What no list covers is unknown.
Not assessed yet: the disclosures that go to one member only (`member.<id>.disclosure`).
"""
