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

-- migrate:down
DROP TABLE workinggroup, member_key, member;
