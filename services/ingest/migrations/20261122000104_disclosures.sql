-- migrate:up

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

-- migrate:down
DROP TABLE disclosure, list_edition, supplier_list;
