-- migrate:up

CREATE TABLE member (
    slug text PRIMARY KEY,
    name text NOT NULL,
    kind text NOT NULL,
    country text,
    registered_at timestamptz NOT NULL DEFAULT now()
);

-- A key is random, shown once to its owner, and kept as SHA-256 only.
CREATE TABLE member_key (
    digest text PRIMARY KEY,
    member text NOT NULL REFERENCES member,
    made_at timestamptz NOT NULL DEFAULT now()
);

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

CREATE TABLE workinggroup (
    slug text PRIMARY KEY,
    name text NOT NULL,
    purpose text NOT NULL,
    secretariat text NOT NULL REFERENCES member,
    categories text[] NOT NULL,
    suppliers uuid[] NOT NULL,
    members jsonb NOT NULL,              -- slug: role
    established_at timestamptz NOT NULL DEFAULT now()
);

-- A row without a supplier is a stub: another contract or a disclosure has named this reference first.
CREATE TABLE contract (
    id uuid PRIMARY KEY,
    member text NOT NULL REFERENCES member,
    reference text NOT NULL,
    supplier uuid REFERENCES supplier,
    UNIQUE (member, reference)
);

-- A list that a member imports edition by edition. Its row is locked for the whole of an import.
CREATE TABLE supplier_list (
    member text NOT NULL REFERENCES member,
    name text NOT NULL,
    edition text,
    PRIMARY KEY (member, name)
);

-- What each edition said, as a digest: the same edition again is harmless, another one under the same name is seen.
CREATE TABLE list_edition (
    member text NOT NULL,
    list text NOT NULL,
    edition text NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (member, list, edition),
    FOREIGN KEY (member, list) REFERENCES supplier_list
);

-- From a list (site and content are known) or sent as an event of its own (source and submission are known).
CREATE TABLE disclosure (
    id uuid PRIMARY KEY,
    member text NOT NULL REFERENCES member,
    list text NOT NULL,
    edition text NOT NULL,
    supplier uuid NOT NULL REFERENCES supplier,
    site uuid REFERENCES site,
    published boolean NOT NULL,
    content bytea,
    source text,
    submission text,
    retired boolean NOT NULL DEFAULT false,
    CHECK ((content IS NULL) = (submission IS NOT NULL))
);
CREATE UNIQUE INDEX disclosure_of_list ON disclosure (member, list, site) WHERE NOT retired AND submission IS NULL;
CREATE UNIQUE INDEX disclosure_of_event ON disclosure (member, source, submission) WHERE submission IS NOT NULL;

-- What the door has accepted, to know it again. Of testimony only the day is kept, and a digest that needs the sender's
-- key: nothing here leads from a member to a case.
CREATE TABLE receipt (
    id uuid PRIMARY KEY,
    member text NOT NULL REFERENCES member,
    source text NOT NULL,
    event_id text NOT NULL,
    content bytea NOT NULL,
    received_at timestamptz NOT NULL,
    UNIQUE (member, source, event_id)
);

-- migrate:down
DROP TABLE receipt, disclosure, list_edition, supplier_list, contract, workinggroup, site, supplier, member_key, member;
