-- migrate:up

-- A member that has left keeps its row: what it contributed refers to it, and its slug is never given again.
CREATE TABLE member (
    slug text PRIMARY KEY,
    name text NOT NULL,
    kind text NOT NULL,
    country text,
    organisation_number text,
    registered_at timestamptz NOT NULL DEFAULT now(),
    left_at timestamptz
);

-- A key is random, shown once to its owner, and kept as SHA-256 only. Its `kid` is public: it stands in the key itself.
CREATE TABLE member_key (
    kid text PRIMARY KEY,
    member text NOT NULL REFERENCES member,
    digest text NOT NULL,
    purposes text[] NOT NULL CHECK (cardinality(purposes) > 0),
    label text,
    made_at timestamptz NOT NULL DEFAULT now(),
    used_on date,                        -- the day only: a moment would tell when somebody worked, or sent testimony
    expires_at timestamptz,
    revoked_at timestamptz
);
CREATE INDEX member_key_of_member ON member_key (member);

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
CREATE INDEX workinggroup_of_member ON workinggroup USING gin (members);

-- migrate:down
DROP TABLE workinggroup, member_key, member;
