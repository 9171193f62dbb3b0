"""Ingest: what members send, checked, resolved to known suppliers and sites, and passed on.

Owns: members and their keys, working groups, contracts, the registry of suppliers and sites, lists and their editions,
disclosures, receipts.
Consumes: nothing from Kafka. What members send comes by HTTP (`POST /events`, `POST /imports`); the topics
`intake.<member>` are not read yet.
Publishes: `members.registry`, `members.disclosure`, `members.report`, `member.<id>.contract`, `member.<id>.disclosure`,
`group.<id>.dialogue`, `restricted.testimony`.
"""
