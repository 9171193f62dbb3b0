-- migrate:up

-- A row without a supplier is a stub: another contract or a disclosure has named this reference first.
CREATE TABLE contract (
    id uuid PRIMARY KEY,
    member text NOT NULL REFERENCES member,
    reference text NOT NULL,
    supplier uuid REFERENCES supplier,
    UNIQUE (member, reference)
);

-- migrate:down
DROP TABLE contract;
