-- migrate:up

-- Testimony. The reference stands for the case wherever people read of it. The box is there only until it is taken in.
CREATE TABLE grievance_case (
    case_id uuid PRIMARY KEY,
    reference text NOT NULL UNIQUE,
    kind text NOT NULL,
    state text NOT NULL,                     -- as the facts conclude; for lists
    key_id text NOT NULL,                    -- the trustee's key of which the sender says that it sealed the box
    sealed text,
    openable boolean,                        -- whether the box could be opened; null: not tried yet
    receipt_hash bytea UNIQUE,               -- Argon2id of the reporter's receipt
    received_at timestamptz NOT NULL
);
CREATE INDEX case_to_take_in ON grievance_case (received_at) WHERE sealed IS NOT NULL AND openable IS NOT FALSE;

-- All that happened to a case: codes, days and counts. A case is what this concludes to.
CREATE TABLE case_fact (
    case_id uuid NOT NULL REFERENCES grievance_case,
    position int NOT NULL,
    at timestamptz NOT NULL,
    by text NOT NULL,
    type text NOT NULL,
    data text NOT NULL,
    PRIMARY KEY (case_id, position)
);

-- What people wrote, under a key of the case. The keys are in another database.
CREATE TABLE content (
    content_id uuid PRIMARY KEY,
    place bigint GENERATED ALWAYS AS IDENTITY,
    case_id uuid NOT NULL REFERENCES grievance_case,
    part text NOT NULL,
    item uuid,
    ciphertext bytea NOT NULL,
    by text NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX content_of_case ON content (case_id, place);

-- The deadlines that still run, as the facts conclude; for the clock and for lists.
CREATE TABLE deadline (
    case_id uuid NOT NULL REFERENCES grievance_case,
    kind text NOT NULL,
    clock text NOT NULL,
    item uuid,
    number int,
    due_at timestamptz NOT NULL,
    warn_at timestamptz NOT NULL,
    basis text NOT NULL,
    warned boolean NOT NULL DEFAULT false,
    missed boolean NOT NULL DEFAULT false,
    UNIQUE NULLS NOT DISTINCT (case_id, kind, clock, item, number)
);
CREATE INDEX deadline_to_warn ON deadline (warn_at) WHERE NOT warned AND NOT missed;
CREATE INDEX deadline_to_fire ON deadline (due_at) WHERE NOT missed;

-- migrate:down
DROP TABLE deadline, content, case_fact, grievance_case;
