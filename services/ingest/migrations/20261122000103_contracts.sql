-- migrate:up

-- What a member buys under, or announces. `said` is the contract as it was told; a row without it is a stub: another
-- contract or a disclosure has named this reference first. `closes_on` is the first day on which it no longer binds.
CREATE TABLE contract (
    id uuid PRIMARY KEY,
    member text NOT NULL REFERENCES member,
    reference text NOT NULL,
    supplier uuid REFERENCES supplier,
    parent uuid REFERENCES contract,
    end_users text[] NOT NULL DEFAULT '{}',
    said text,
    said_at timestamptz,
    revision integer NOT NULL DEFAULT 0,
    ended_on date,
    end_reason text,
    closes_on date,
    closed boolean NOT NULL DEFAULT false,
    UNIQUE (member, reference),
    CHECK (said IS NOT NULL OR supplier IS NULL AND parent IS NULL AND closes_on IS NULL AND NOT closed)
);
CREATE INDEX contract_parent ON contract (parent) WHERE parent IS NOT NULL;
CREATE INDEX contract_due ON contract (closes_on, id) WHERE NOT closed;

-- What a member has said of a contract, in this order; the newest that was not taken back holds. Without `said` it ended.
CREATE TABLE contract_revision (
    receipt uuid PRIMARY KEY,
    number bigint GENERATED ALWAYS AS IDENTITY,
    contract uuid NOT NULL REFERENCES contract,
    said_at timestamptz NOT NULL,
    said text,
    supplier uuid REFERENCES supplier,
    parent uuid REFERENCES contract,
    end_users text[] NOT NULL DEFAULT '{}',
    ended_on date,
    end_reason text,
    CHECK ((said IS NULL) = (end_reason IS NOT NULL))
);
CREATE INDEX contract_revision_of ON contract_revision (contract, number);

-- Who has been told of a contract, and which revision of it: its owner, its end users, and the chain above and below.
CREATE TABLE contract_reader (
    contract uuid NOT NULL REFERENCES contract,
    reader text NOT NULL REFERENCES member,
    revision integer NOT NULL,
    PRIMARY KEY (contract, reader)
);
CREATE INDEX contract_reader_of ON contract_reader (reader, contract);

-- migrate:down
DROP TABLE contract_reader, contract_revision, contract;
