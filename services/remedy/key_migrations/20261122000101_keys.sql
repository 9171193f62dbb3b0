-- migrate:up

-- This database holds keys and nothing else. It is backed up apart from the data, for a shorter time: a key that was
-- destroyed must not come back with a backup of what it sealed.

-- The two keys of a case, each wrapped. `made_with` names the wrapping key, so that those under an older one are found.
CREATE TABLE case_key (
    case_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('content', 'identity')),
    wrapped bytea NOT NULL,
    made_with text NOT NULL,
    PRIMARY KEY (case_id, kind)
);
CREATE INDEX case_key_by_wrapping_key ON case_key (made_with);

-- The trustee's key pairs. Of one whose time is over the private half is gone.
CREATE TABLE trustee_key (
    key_id text PRIMARY KEY,
    public_key text NOT NULL,
    wrapped bytea,
    made_with text,
    valid_from timestamptz NOT NULL,
    valid_to timestamptz NOT NULL,
    destroyed_at timestamptz,
    CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
);

-- Each row: keys were destroyed or wrapped anew whose bytes still lie in the files of the tables above.
CREATE TABLE key_remains (
    remains_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY
);

-- Rewriting these tables is what removes the bytes of destroyed keys. The role has the name of the schema.
DO $maintain$
BEGIN
    EXECUTE format('GRANT MAINTAIN ON case_key, trustee_key TO %I', current_schema());
END
$maintain$;

-- migrate:down
DROP TABLE key_remains, trustee_key, case_key;
