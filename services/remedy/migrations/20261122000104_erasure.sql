-- migrate:up

-- The latest moment that the database's clock was seen to tell and that was believed; and whether, because the clock
-- jumped, nothing may happen by it. `released` counts how often a person said that the clock is right.
CREATE TABLE clock_watch (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    high_water timestamptz NOT NULL,
    held text CHECK (held IN ('ahead', 'back')),
    held_at timestamptz,
    released int NOT NULL DEFAULT 0
);

-- What is to be erased, by whose decision. While `granted` is null somebody else is to decide.
CREATE TABLE erasure (
    erasure_id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES grievance_case,
    what text NOT NULL CHECK (what IN ('identity', 'content')),
    basis text NOT NULL,
    asked_by uuid REFERENCES person,
    asked_at timestamptz NOT NULL DEFAULT now(),
    motivation uuid,
    decided_by uuid REFERENCES person,
    decided_at timestamptz,
    granted boolean,
    decision uuid,
    done_at timestamptz,
    CHECK (decided_by <> asked_by),
    CHECK (done_at IS NULL OR granted)
);
CREATE UNIQUE INDEX erasure_waiting ON erasure (case_id) WHERE granted IS NULL;
CREATE INDEX erasure_to_do ON erasure (asked_at) WHERE granted AND done_at IS NULL;

-- migrate:down
DROP TABLE erasure, clock_watch;
