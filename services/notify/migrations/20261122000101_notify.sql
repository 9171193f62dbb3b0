-- migrate:up

-- Whom we write to. Addresses are here and nowhere else in the system.
CREATE TABLE recipient (
    id uuid PRIMARY KEY,
    address text NOT NULL UNIQUE CHECK (address = lower(address)),
    name text NOT NULL,
    role text NOT NULL CHECK (role IN ('secretariat', 'operator')),
    added_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- One mail to one recipient. No foreign key to the recipient: what became of a mail outlives the address it went to.
CREATE TABLE mail_intent (
    id uuid PRIMARY KEY,
    dedupe_key text NOT NULL UNIQUE,             -- event or window | template | recipient
    recipient uuid NOT NULL,
    template text NOT NULL,
    variables jsonb NOT NULL,
    state text NOT NULL DEFAULT 'pending'
        CHECK (state IN ('pending', 'sending', 'sent', 'retry', 'uncertain', 'failed', 'cancelled')),
    attempts int NOT NULL DEFAULT 0,
    reply smallint,                              -- the mail server's last reply code
    next_attempt_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    claimed_at timestamptz,
    message_id text,                             -- set by the first claim, the same ever after
    cause_time timestamptz NOT NULL,             -- when the event was accepted, or the window ended
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    sent_at timestamptz
) WITH (fillfactor = 70);

CREATE INDEX mail_intent_due ON mail_intent (next_attempt_at) WHERE state IN ('pending', 'retry', 'uncertain');
CREATE INDEX mail_intent_claimed ON mail_intent (claimed_at) WHERE state = 'sending';
CREATE INDEX mail_intent_newest ON mail_intent (created_at);

-- The names that events gave to suppliers, for later events that give only the id. The first one heard holds.
CREATE TABLE supplier (
    id uuid PRIMARY KEY,
    name text NOT NULL
);

-- A digest is made once per window, whoever gets there first.
CREATE TABLE digest (
    until timestamptz PRIMARY KEY,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- What the next digest will count.
CREATE TABLE digest_entry (
    event uuid PRIMARY KEY,
    kind text NOT NULL,
    at timestamptz NOT NULL,
    counted_as uuid NOT NULL,                    -- entries of one group with the same value count once
    heading text NOT NULL,
    line text NOT NULL,
    supplier uuid,
    digest timestamptz REFERENCES digest (until)
);

CREATE INDEX digest_entry_waiting ON digest_entry (event) WHERE digest IS NULL;
CREATE INDEX digest_entry_taken ON digest_entry (digest) WHERE digest IS NOT NULL;

-- migrate:down
DROP TABLE digest_entry, digest, supplier, mail_intent, recipient;
