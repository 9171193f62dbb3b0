-- migrate:up

-- The key to which testimony is sealed; the private half is no part of the database.
CREATE TABLE trustee_key (
    key_id text PRIMARY KEY,
    public_key text NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to timestamptz NOT NULL
);

-- Testimony, its box as it came. The reference stands for the case wherever people read of it.
CREATE TABLE grievance_case (
    case_id uuid PRIMARY KEY,
    reference text NOT NULL UNIQUE,
    kind text NOT NULL,
    state text NOT NULL,
    key_id text NOT NULL,
    sealed text NOT NULL,
    openable boolean NOT NULL,               -- whether the box opened with the trustee's key when it came
    received_at timestamptz NOT NULL
);

CREATE TABLE deadline (
    case_id uuid NOT NULL REFERENCES grievance_case,
    kind text NOT NULL,
    due_at timestamptz NOT NULL,
    warn_at timestamptz NOT NULL,
    basis text NOT NULL,
    warned_event uuid,
    fired_event uuid,
    met_at timestamptz,
    UNIQUE (case_id, kind)
);
CREATE INDEX deadline_to_warn ON deadline (warn_at)
    WHERE warned_event IS NULL AND fired_event IS NULL AND met_at IS NULL;
CREATE INDEX deadline_to_fire ON deadline (due_at) WHERE fired_event IS NULL AND met_at IS NULL;

-- Each time that a box was opened, and why.
CREATE TABLE opening (
    opening_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES grievance_case,
    at timestamptz NOT NULL DEFAULT now(),
    motivation text NOT NULL
);

-- Working groups and flags as last told, so that it does not matter which is heard of first.
CREATE TABLE working_group (
    slug text PRIMARY KEY,
    suppliers uuid[] NOT NULL,
    categories text[] NOT NULL
);

CREATE TABLE flag (
    flag_id uuid PRIMARY KEY,
    place bigint GENERATED ALWAYS AS IDENTITY,
    supplier uuid NOT NULL,
    supplier_name text NOT NULL,
    category text NOT NULL,
    serious boolean NOT NULL
);
CREATE INDEX flag_by_supplier ON flag (supplier);
CREATE INDEX flag_by_category ON flag (category);

CREATE TABLE engagement (
    engagement_id uuid PRIMARY KEY,
    workinggroup text NOT NULL,
    supplier uuid NOT NULL,
    supplier_name text NOT NULL,
    category text NOT NULL,
    reason text NOT NULL,
    state text NOT NULL DEFAULT 'proposed',
    objective text,
    opened_by text,
    UNIQUE (workinggroup, supplier, category)
);

CREATE TABLE engagement_flag (
    engagement_id uuid NOT NULL REFERENCES engagement,
    flag_id uuid NOT NULL REFERENCES flag,
    PRIMARY KEY (engagement_id, flag_id)
);

-- migrate:down
DROP TABLE engagement_flag, engagement, flag, working_group, opening, deadline, grievance_case, trustee_key;
