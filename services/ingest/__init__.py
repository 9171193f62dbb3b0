"""Ingest: what members send, checked, resolved to known suppliers and sites, and passed on.

Owns: members and their keys, working groups, contracts, the registry of suppliers and sites, lists and their editions,
disclosures, receipts.
Consumes: `intake.<member>`, answered on `outcome.<member>`; by HTTP `POST /events` and `POST /imports`.
Publishes: `members.registry`, `members.disclosure`, `members.report`, `member.<id>.contract`, `member.<id>.disclosure`,
`group.<id>.dialogue`, `restricted.testimony`, `outcome.<member>`.
"""
