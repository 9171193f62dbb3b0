-- migrate:up

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
DROP TABLE receipt;
