-- migrate:up

-- What a submission became, by its receipt, so that its sender can take it back: the `kind` and `id` of what was told,
-- and of whom and to whom. Of testimony there is no row: nothing leads from a sender to a case.
CREATE TABLE consequence (
    receipt uuid PRIMARY KEY,
    kind text NOT NULL,
    id uuid NOT NULL,
    supplier uuid,
    site uuid,
    workinggroup text,
    engagement uuid,
    report uuid,
    withdrawn boolean NOT NULL DEFAULT false
);
CREATE INDEX consequence_report ON consequence (id) WHERE kind = 'flag';

-- What suppliers and sites have replied to reports of them.
CREATE TABLE reply (
    id uuid PRIMARY KEY,
    report uuid NOT NULL,
    supplier uuid NOT NULL REFERENCES supplier,
    site uuid REFERENCES site,
    speaker text NOT NULL,
    stance text NOT NULL,
    said_on date NOT NULL,
    statement jsonb,
    withdrawn boolean NOT NULL DEFAULT false
);
CREATE INDEX reply_site ON reply (site) WHERE NOT withdrawn;

-- migrate:down
DROP TABLE reply, consequence;
