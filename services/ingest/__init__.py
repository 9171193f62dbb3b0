"""Ingest: what members send, checked, resolved to known suppliers and sites, and passed on.

Owns: members and their keys, working groups, contracts, the registry of suppliers and sites with all names and every
decision about who is who, lists and their editions, mappings of columns, disclosures and who was told of them,
requests, replies, what members did about flags, receipts, contacts of suppliers with what they are asked and answer.
Consumes: `intake.<member>`, answered on `outcome.<member>`; by HTTP `POST /events` and `POST /imports`, and of
suppliers their answers; `group.<id>.engagement`, to know which asks stand.
Publishes: `members.registry`, `members.disclosure`, `members.report`, `member.<id>.contract`, `member.<id>.disclosure`,
`member.<id>.key`, `group.<id>.dialogue`, `restricted.testimony`, `outcome.<member>`.
"""
