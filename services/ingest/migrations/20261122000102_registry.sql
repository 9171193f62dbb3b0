-- migrate:up

-- `root` is the id under which an entry is known now: its own, or that of the entry it was merged into, resolved fully.
CREATE TABLE supplier (
    id uuid PRIMARY KEY,
    root uuid NOT NULL REFERENCES supplier,
    name text NOT NULL,
    country text,
    identifiers jsonb NOT NULL DEFAULT '{}',
    registered_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX supplier_root ON supplier (root);

CREATE TABLE site (
    id uuid PRIMARY KEY,
    root uuid NOT NULL REFERENCES site,
    supplier uuid NOT NULL REFERENCES supplier,
    name text NOT NULL,
    address text NOT NULL,
    country text NOT NULL,
    sector text,
    identifiers jsonb NOT NULL DEFAULT '{}',
    registered_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX site_root ON site (root);

-- Every decision about who is who, as it was taken; one that was undone names the decision that undid it.
-- `entry` is merged into `other`, is given a name (alias), loses a name to `other` (split), or is not `other` (different).
CREATE TABLE decision (
    id uuid PRIMARY KEY,
    number bigint GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL,
    action text NOT NULL,
    entry uuid NOT NULL,
    other uuid,
    spelling bigint,
    decided_by text NOT NULL,
    score real,
    reasons text[] NOT NULL,
    decided_at timestamptz NOT NULL DEFAULT now(),
    undoes uuid REFERENCES decision,
    undone_by uuid REFERENCES decision
);
CREATE INDEX decision_entry ON decision (entry);
CREATE INDEX decision_other ON decision (other);
CREATE UNIQUE INDEX decision_merged ON decision (entry) WHERE action = 'merge' AND undone_by IS NULL;
CREATE INDEX decision_apart ON decision (kind) WHERE action IN ('different', 'split') AND undone_by IS NULL;

-- `key` is the digest of what all ways of writing one name (of a site: name, address and country) have in common; each
-- belongs to one entry. The first of an entry and what a person or the rules added are told apart by `decision`.
CREATE TABLE spelling (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    key bytea NOT NULL UNIQUE,
    entry uuid NOT NULL,
    name text NOT NULL,
    address text,
    country text,
    native_name text,
    decision uuid REFERENCES decision,
    known_since timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX spelling_entry ON spelling (entry);

-- By which words a spelling is found; those of sites hold within one country, ids of others (`lei:...`) anywhere ('').
CREATE TABLE token (
    kind text NOT NULL,
    token text NOT NULL,
    country text NOT NULL,
    spelling bigint NOT NULL,
    PRIMARY KEY (kind, token, country, spelling)
);

-- What each source has said of a supplier and perhaps its site: `item` is the row of a list's edition, or the id of an
-- event under its source (then there is no edition).
CREATE TABLE mention (
    member text NOT NULL REFERENCES member,
    source text NOT NULL,
    edition text NOT NULL,
    item text NOT NULL,
    supplier bytea NOT NULL,
    site bytea,
    supplier_said jsonb NOT NULL,
    site_said jsonb,
    heard_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (member, source, edition, item)
);
CREATE INDEX mention_supplier ON mention (supplier);
CREATE INDEX mention_site ON mention (site) WHERE site IS NOT NULL;

-- Two entries that may be one; nothing waits for the answer, `decision`. A pair is asked about once.
CREATE TABLE review (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    entry uuid NOT NULL,
    other uuid NOT NULL,
    score real NOT NULL,
    reasons text[] NOT NULL,
    asked_at timestamptz NOT NULL DEFAULT now(),
    decision uuid REFERENCES decision
);
CREATE UNIQUE INDEX review_pair ON review (least(entry, other), greatest(entry, other));
CREATE INDEX review_open ON review (id) WHERE decision IS NULL;
CREATE INDEX review_other ON review (other);
CREATE INDEX review_entry ON review (entry);

-- migrate:down
DROP TABLE review, mention, token, spelling, decision, site, supplier;
