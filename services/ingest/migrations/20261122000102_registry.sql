-- migrate:up

-- `key` is the digest of the normalised name: two spellings of one company meet in one row.
CREATE TABLE supplier (
    id uuid PRIMARY KEY,
    key bytea NOT NULL UNIQUE,
    name text NOT NULL,
    country text,
    identifiers jsonb NOT NULL DEFAULT '{}',
    registered_at timestamptz NOT NULL DEFAULT now()
);

-- `key` is the digest of normalised name, address and country, whichever supplier named the site first.
CREATE TABLE site (
    id uuid PRIMARY KEY,
    key bytea NOT NULL UNIQUE,
    supplier uuid NOT NULL REFERENCES supplier,
    name text NOT NULL,
    address text NOT NULL,
    country text NOT NULL,
    sector text,
    identifiers jsonb NOT NULL DEFAULT '{}',
    registered_at timestamptz NOT NULL DEFAULT now()
);

-- migrate:down
DROP TABLE site, supplier;
