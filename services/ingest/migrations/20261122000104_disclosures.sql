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

-- What a member asked of a supplier; `id` is the receipt. `overdue` says that the day passed without an answer.
CREATE TABLE request (
    id uuid PRIMARY KEY,
    member text NOT NULL REFERENCES member,
    supplier uuid NOT NULL REFERENCES supplier,
    contract uuid REFERENCES contract,
    asked_on date NOT NULL,
    due date NOT NULL,
    said text NOT NULL,
    answered_by uuid,
    answered_at timestamptz,
    overdue boolean NOT NULL DEFAULT false,
    withdrawn boolean NOT NULL DEFAULT false
);
CREATE INDEX request_due ON request (due, id) WHERE answered_by IS NULL AND NOT overdue AND NOT withdrawn;
CREATE INDEX request_of ON request (member, id);

-- From a list (content is known, and the row) or sent as an event of its own (source and submission are known).
-- `said` is what is told of it, but for ids and the sender; each change of it counts `revision` up.
CREATE TABLE disclosure (
    id uuid PRIMARY KEY,
    member text NOT NULL REFERENCES member,
    list text NOT NULL,
    edition text NOT NULL,
    row integer,
    supplier uuid NOT NULL REFERENCES supplier,
    site uuid REFERENCES site,
    aspect text NOT NULL DEFAULT '',
    published boolean NOT NULL,
    contract uuid REFERENCES contract,
    request uuid REFERENCES request,
    said text NOT NULL,
    said_at timestamptz NOT NULL,
    revision integer NOT NULL DEFAULT 1,
    content bytea,
    source text,
    submission text,
    retired boolean NOT NULL DEFAULT false,
    reason text,
    retired_edition text,
    CHECK ((content IS NULL) = (submission IS NOT NULL)),
    CHECK ((reason IS NOT NULL) = retired)
);
CREATE UNIQUE INDEX disclosure_of_list ON disclosure (member, list, coalesce(site, supplier), aspect)
    WHERE NOT retired AND submission IS NULL;
CREATE UNIQUE INDEX disclosure_of_event ON disclosure (member, source, submission) WHERE submission IS NOT NULL;
CREATE INDEX disclosure_site ON disclosure (site) WHERE NOT retired;
CREATE INDEX disclosure_supplier ON disclosure (supplier) WHERE NOT retired;
CREATE INDEX disclosure_contract ON disclosure (contract) WHERE contract IS NOT NULL;
CREATE INDEX disclosure_request ON disclosure (request) WHERE request IS NOT NULL;

-- Who has been told what of a disclosure: `about` is the disclosure itself, or the contract to which it belongs.
-- The reader '' is all members.
CREATE TABLE disclosure_reader (
    disclosure uuid NOT NULL REFERENCES disclosure,
    reader text NOT NULL,
    about uuid NOT NULL,
    revision integer NOT NULL,
    PRIMARY KEY (disclosure, reader, about)
);
CREATE INDEX disclosure_reader_of ON disclosure_reader (reader, disclosure);

-- migrate:down
DROP TABLE disclosure_reader, disclosure, request, list_edition, supplier_list;
