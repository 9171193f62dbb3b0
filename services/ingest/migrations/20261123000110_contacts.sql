-- migrate:up

-- What suppliers were asked for, so that a contact of theirs can be shown it: `told` as it was recorded, without who
-- asked. `state` is what `remedy` told of it last; before that nobody outside of the group is shown it. Of its engagement
-- `remedy` told whether it is held, for good: then nobody outside is shown it either; and whether it is closed.
CREATE TABLE ask (
    id uuid PRIMARY KEY,
    workinggroup text NOT NULL,
    engagement uuid NOT NULL,
    supplier uuid NOT NULL REFERENCES supplier,
    told jsonb NOT NULL,
    asked_at timestamptz NOT NULL,
    state text,
    joined_into uuid,
    held boolean NOT NULL DEFAULT false,
    closed boolean NOT NULL DEFAULT false
);
CREATE INDEX ask_of_engagement ON ask (engagement);
CREATE INDEX ask_of_supplier ON ask (supplier, workinggroup) WHERE state IS NOT NULL;

-- Who may answer for a supplier to one working group: everything it is asked there, or one ask only. `label` is a part
-- of the company, never a person; the secret is kept as SHA-256 only. Without `issued_by` the operator issued it.
CREATE TABLE supplier_contact (
    kid text PRIMARY KEY,
    digest text NOT NULL,
    workinggroup text NOT NULL,
    supplier uuid NOT NULL REFERENCES supplier,
    ask uuid REFERENCES ask,
    label text NOT NULL,
    issued_by text REFERENCES member,
    issued_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_on date,                        -- the day only: a moment would tell when somebody worked
    revoked_at timestamptz
);
CREATE INDEX supplier_contact_of_group ON supplier_contact (workinggroup, issued_at);
CREATE INDEX supplier_contact_of_issuer ON supplier_contact (issued_by) WHERE issued_by IS NOT NULL;

-- What suppliers answered by themselves; `id` is the entry under which it was told. `refused` says that the engagement
-- did not take it.
CREATE TABLE supplier_answer (
    id uuid PRIMARY KEY,
    contact text NOT NULL REFERENCES supplier_contact,
    ask uuid NOT NULL REFERENCES ask,
    said jsonb NOT NULL,
    content bytea NOT NULL,
    idempotency_key bytea,               -- its digest
    answered_at timestamptz NOT NULL DEFAULT now(),
    refused boolean NOT NULL DEFAULT false,
    UNIQUE (contact, idempotency_key)
);
CREATE INDEX supplier_answer_to ON supplier_answer (ask, answered_at);
CREATE INDEX supplier_answer_by ON supplier_answer (contact, answered_at);

-- migrate:down
DROP TABLE supplier_answer, supplier_contact, ask;
