-- migrate:up

-- What the doors have accepted, to know it again. Of testimony only the day is kept, and a digest that needs a pepper
-- which is in no database: nothing here leads from a member to a case.
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
DROP TABLE receipt;
