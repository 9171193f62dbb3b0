-- migrate:up

-- The keys by which members may ask, by their digests; `ingest` issues and ends them. A row without a digest is a stub: its
-- end was told first. `ends_at` is the earliest end that was told.
CREATE TABLE member_key (
    kid text PRIMARY KEY,
    member text NOT NULL,
    digest text,
    purposes text[] NOT NULL DEFAULT '{}',
    ends_at timestamptz
);

-- migrate:down
DROP TABLE member_key;
