-- migrate:up

-- Who works on cases. The key itself is known to its holder only.
CREATE TABLE person (
    person_id uuid PRIMARY KEY,
    name text NOT NULL,
    key_sha256 text NOT NULL UNIQUE,
    roles text[] NOT NULL,
    added_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz
);
CREATE UNIQUE INDEX person_by_name ON person (name) WHERE ended_at IS NULL;

-- Who works on which case.
CREATE TABLE assignment (
    case_id uuid NOT NULL REFERENCES grievance_case,
    person_id uuid NOT NULL REFERENCES person,
    PRIMARY KEY (case_id, person_id)
);
CREATE INDEX assignment_of_person ON assignment (person_id);

-- Who has said of themselves that they may not work on a case; they are not assigned to it again.
CREATE TABLE recusal (
    case_id uuid NOT NULL REFERENCES grievance_case,
    person_id uuid NOT NULL REFERENCES person,
    PRIMARY KEY (case_id, person_id)
);

-- Somebody asks to see who a reporter is; somebody else decides. Motivations are sealed under the case's key.
CREATE TABLE identity_request (
    request_id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES grievance_case,
    asked_by uuid NOT NULL REFERENCES person,
    asked_at timestamptz NOT NULL DEFAULT now(),
    motivation uuid NOT NULL,                -- of `content`, which an erasure may empty
    decided_by uuid REFERENCES person,
    decided_at timestamptz,
    granted boolean,
    decision uuid,
    until timestamptz,
    CHECK (decided_by <> asked_by)
);
CREATE UNIQUE INDEX identity_request_open ON identity_request (case_id, asked_by) WHERE decided_at IS NULL;

-- Who did what, each entry with the digest of the one before. Nothing is changed or taken away, not even by the service.
CREATE TABLE audit_entry (
    position bigint PRIMARY KEY,
    at timestamptz NOT NULL,
    action text NOT NULL,
    person_id uuid,                          -- who did it; null: a reporter, an operator or the clock
    case_id uuid,
    about uuid,                              -- the person to whom it was done
    detail text NOT NULL,                    -- codes, such as roles or the day that ended; never a text of anybody
    contents uuid[] NOT NULL,
    digests bytea[] NOT NULL,                -- SHA-256 of the ciphertexts of `contents`
    head bytea NOT NULL                      -- SHA-256 of the head before and all of this
);
CREATE INDEX audit_day_ended ON audit_entry (position) WHERE action = 'day_ended';
CREATE INDEX audit_about ON audit_entry (about, position) WHERE about IS NOT NULL;
CREATE INDEX audit_of_person ON audit_entry (person_id, position);
REVOKE UPDATE, DELETE, TRUNCATE ON audit_entry FROM remedy;

-- migrate:down
DROP TABLE audit_entry, identity_request, recusal, assignment, person;
