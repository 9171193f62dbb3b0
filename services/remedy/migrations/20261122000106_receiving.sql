-- migrate:up

-- The trustee's keys that were announced on `public.keys`; the keys themselves are in the database of keys.
CREATE TABLE announced_key (
    key_id text PRIMARY KEY
);

-- migrate:down
DROP TABLE announced_key;
