-- migrate:up

-- A contract as one of its readers was told of it; `until` is the first day on which it no longer binds for that reader.
CREATE TABLE contract (
    contract uuid NOT NULL,
    reader text NOT NULL,
    owner text NOT NULL,
    reference text NOT NULL,
    title text,
    level text NOT NULL,
    supplier uuid,
    parent uuid,
    starts date,
    first_told date NOT NULL,                -- the day it was first recorded
    since date NOT NULL GENERATED ALWAYS AS (coalesce(starts, first_told)) STORED,
    until date,
    closed boolean NOT NULL DEFAULT false,
    amount numeric,
    currency text,
    PRIMARY KEY (contract, reader)
);
CREATE INDEX contract_of_supplier ON contract (supplier) WHERE supplier IS NOT NULL;
CREATE INDEX contract_of_reader ON contract (reader);

-- A disclosure belongs to a contract, as one reader was told. How long it reaches into the past is for the terms of the
-- two to say, not for the day on which somebody linked them; `until` is the day on which it was unlinked.
CREATE TABLE link (
    disclosure uuid NOT NULL,
    contract uuid NOT NULL,
    reader text NOT NULL,
    told_at timestamptz NOT NULL,
    until date,
    PRIMARY KEY (disclosure, contract, reader)
);
CREATE INDEX link_of_contract ON link (contract, reader);
CREATE INDEX link_of_reader ON link (reader);

-- Which contracts of which members an open flag touches, as last published.
CREATE TABLE exposure (
    flag uuid NOT NULL,
    member text NOT NULL,
    contract uuid NOT NULL,
    reach text NOT NULL,
    tier text NOT NULL,
    workinggroups text[] NOT NULL,
    PRIMARY KEY (flag, member, contract)
);
CREATE INDEX exposure_of_contract ON exposure (contract, member);
CREATE INDEX exposure_of_member ON exposure (member);

-- The combined leverage on a flag, as last published; no row: nothing was, or that it is none.
CREATE TABLE leverage (
    flag uuid PRIMARY KEY,
    buyers int NOT NULL,
    contracts int,                           -- null: of too few buyers to be told
    workinggroups text[] NOT NULL,
    sums jsonb NOT NULL                      -- currency -> amount
);

-- How what a contract reaches stands, as last published to its reader.
CREATE TABLE contract_assessment (
    contract uuid NOT NULL,
    member text NOT NULL,
    told jsonb NOT NULL,
    PRIMARY KEY (contract, member)
);

-- migrate:down
DROP TABLE contract_assessment, leverage, exposure, link, contract;
