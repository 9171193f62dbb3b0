"""Remedy: cases from sealed testimony to closure, remedy plans, the watch for retaliation, and engagements.

Owns: cases as the sum of their facts; what people wrote, sealed under keys of each case, which lie in a database of
their own; deadlines; who works on which case; the audit chain; the ladder of publication and what was released; the
trustee's keys; engagements of working groups, with what gives reason for them; the follow-up of members' contracts;
what is due by a day of both.
Consumes: `restricted.testimony`, `members.risk`, `members.registry`, `group.<id>.dialogue`, `member.<id>.contract`,
`member.<id>.exposure`, `member.<id>.key`.
Publishes: `restricted.case`, `notify.request`, `members.remedy`, `public.figures`, `public.audit`, `public.keys`,
`group.<id>.engagement`, `member.<id>.condition`.

Which case belongs to which testimony, site, supplier or person is known here only. Outside `restricted.*` a case
appears as its reference, drawn at random, in requests for mail and in the answers to who works on it.
"""
