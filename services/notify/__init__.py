"""Tells people by e-mail what needs them; it opens no engagement and decides nothing.

Owns: recipients, mail intents and what became of them, entries of digests, and the digests.
Consumes: `members.risk`, `members.disclosure`, `notify.request`, `group.<id>.engagement`.
Publishes: `notify.outcome` (delivered, failed, cancelled; never an address).

A serious flag from a published source, and every request of `remedy`, is mailed at once; the rest waits for the digest.
An intent is written in the transaction of the event it follows from, claimed and committed before a mail server is
spoken to, and sent again under the same Message-ID whenever it is not certain that the server has it.
"""
