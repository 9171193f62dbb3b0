-- migrate:up

-- Suppliers and sites as the registry tells of them; a row without a name is a stub: another topic named the id first.
-- `merged_into` is what the registry said last, `root` the id by which the entry is known now (its own where not merged).
CREATE TABLE supplier (
    supplier uuid PRIMARY KEY,
    name text,
    country text,
    merged_into uuid,
    root uuid NOT NULL
);
CREATE INDEX supplier_root ON supplier (root);

CREATE TABLE site (
    site uuid PRIMARY KEY,
    name text,
    address text,
    country text,
    merged_into uuid,
    root uuid NOT NULL
);
CREATE INDEX site_root ON site (root);

-- Members that have left: nothing is told to them any more. Who has left comes never back under the same id.
CREATE TABLE former_member (
    member text PRIMARY KEY
);

CREATE TABLE workinggroup (
    workinggroup text PRIMARY KEY,
    name text NOT NULL,
    suppliers uuid[] NOT NULL,
    categories text[] NOT NULL,
    members text[] NOT NULL
);

-- migrate:down
DROP TABLE workinggroup, former_member, site, supplier;
