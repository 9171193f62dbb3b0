-- migrate:up

-- Laws that bind a member, by which it has duties of its own (`Regime`).
ALTER TABLE member ADD COLUMN bound_by text[] NOT NULL DEFAULT '{}';

DROP INDEX workinggroup_of_member;
ALTER TABLE workinggroup
    DROP COLUMN members,
    ADD COLUMN instruments text[] NOT NULL DEFAULT '{}',
    ADD COLUMN rightsholders text[] NOT NULL DEFAULT '{}',
    ADD COLUMN cause text NOT NULL DEFAULT 'other',      -- why it was formed, in a sentence, and about what
    ADD COLUMN cause_reason text NOT NULL DEFAULT '',
    ADD COLUMN cause_about uuid,
    ADD COLUMN closed_at timestamptz,
    ADD COLUMN close_reason text;
ALTER TABLE workinggroup ALTER COLUMN cause DROP DEFAULT, ALTER COLUMN cause_reason DROP DEFAULT;

-- Who takes part in a working group, and in which part. The row of the group is locked by whoever changes this.
CREATE TABLE workinggroup_member (
    workinggroup text NOT NULL REFERENCES workinggroup,
    member text NOT NULL REFERENCES member,
    role text NOT NULL,
    joined_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workinggroup, member)
);
CREATE INDEX workinggroup_of_member ON workinggroup_member (member, workinggroup);

-- `about` is whose order an entry stands in, where that is no engagement: a contract, an information request, an
-- account, or a practice.
ALTER TABLE consequence ADD COLUMN about uuid;
CREATE INDEX consequence_of_group ON consequence (workinggroup) WHERE workinggroup IS NOT NULL;

-- Good practices that groups recorded; `said` is what other groups are told. An offer is known by its receipt.
CREATE TABLE practice (
    id uuid PRIMARY KEY,
    workinggroup text NOT NULL REFERENCES workinggroup,
    said text NOT NULL,
    withdrawn boolean NOT NULL DEFAULT false
);
CREATE TABLE practice_offer (
    practice uuid NOT NULL REFERENCES practice,
    workinggroup text NOT NULL REFERENCES workinggroup,
    receipt uuid NOT NULL,
    PRIMARY KEY (practice, workinggroup)
);
CREATE INDEX practice_offer_receipt ON practice_offer (receipt);

-- migrate:down
DROP TABLE practice_offer, practice;
DROP INDEX consequence_of_group;
ALTER TABLE consequence DROP COLUMN about;
DROP TABLE workinggroup_member;
ALTER TABLE workinggroup
    DROP COLUMN close_reason, DROP COLUMN closed_at, DROP COLUMN cause_about, DROP COLUMN cause_reason,
    DROP COLUMN cause, DROP COLUMN rightsholders, DROP COLUMN instruments,
    ADD COLUMN members jsonb NOT NULL DEFAULT '{}';
ALTER TABLE workinggroup ALTER COLUMN members DROP DEFAULT;
CREATE INDEX workinggroup_of_member ON workinggroup USING gin (members);
ALTER TABLE member DROP COLUMN bound_by;
