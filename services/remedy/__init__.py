"""Remedy: cases, their deadlines, and engagements.

Owns: grievance cases with their sealed boxes, deadlines, the record of who opened a box and why, the trustee's key,
and the engagements of working groups with what they are concluded from (working groups and flags, as last told).
Consumes: `restricted.testimony`, `members.risk`, `members.registry`.
Publishes: `restricted.case`, `notify.request`, `group.<id>.engagement`, `public.keys`.

Which case belongs to which testimony is known here only. Outside `restricted.*` a case appears as its reference, which
is drawn at random, in requests for mail and in the answers to case handlers.
"""
