-- migrate:up

-- One row per topic and key: the place up to which this service has applied the stream. `version` fences a zombie that
-- still works on a partition it has lost. Several consumers of a service never read the same topic.
-- `headers` columns hold JSON [[name, value], ...] with the bytes of a value as Latin-1, which loses none of them.

CREATE TABLE inbox_head (
    topic text NOT NULL,
    key text NOT NULL,
    last_sequence bigint NOT NULL,
    blocked_sequence bigint,                 -- a dead letter holds this place; later events of the key are parked
    parked boolean NOT NULL DEFAULT false,   -- saves reading inbox_parked for every batch
    version bigint NOT NULL,
    PRIMARY KEY (topic, key)
) WITH (fillfactor = 70);

-- Events that wait behind a gap or a dead letter of their key, exactly as they came.
CREATE TABLE inbox_parked (
    topic text NOT NULL,
    key text NOT NULL,
    sequence bigint NOT NULL,
    "partition" int NOT NULL,
    "offset" bigint NOT NULL,
    headers bytea NOT NULL,
    value bytea,
    problem text,                            -- why the data could not be read, so that the dead letter can say it later
    parked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (topic, key, sequence)
);

-- Records that could not be applied. The record itself stays here for `replay`; where its topic is restricted it is sealed.
CREATE TABLE dead_letter (
    id uuid PRIMARY KEY,
    consumer text NOT NULL,
    topic text NOT NULL,
    "partition" int NOT NULL,
    "offset" bigint NOT NULL,
    key text,
    sequence bigint,                         -- null where the headers could not be read: the key then waits at a gap
    reason text NOT NULL,
    error text,                              -- class of the exception, never its text
    headers bytea NOT NULL,
    value bytea,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (topic, "partition", "offset")
);

-- The gapless counter of each stream that this service publishes; its row lock orders the writers of one key.
CREATE TABLE stream_head (
    topic text NOT NULL,
    key text NOT NULL,
    sequence bigint NOT NULL,
    PRIMARY KEY (topic, key)
) WITH (fillfactor = 70);

-- What this service has published or will publish, append-only: everything can be rebuilt from it.
CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic text NOT NULL,
    key text NOT NULL,
    sequence bigint NOT NULL,
    event_id uuid NOT NULL,
    headers bytea NOT NULL,
    value bytea NOT NULL,
    recorded_at timestamptz NOT NULL
) WITH (autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_vacuum_insert_threshold = 10000);

-- By which a thread is read. What groups are told is little and asked for by many keys at once. Of the rest there is much:
-- with a BRIN index adding an event costs nothing, a range of pages is summed up later, by the vacuum above, and until
-- then read in full. What is restricted is in no index.
CREATE INDEX outbox_of_group ON outbox (key) WHERE starts_with(topic, 'group.');
CREATE INDEX outbox_by_key ON outbox USING brin
    (key text_bloom_ops (n_distinct_per_range = 200, false_positive_rate = 0.001)) WITH (pages_per_range = 16)
    WHERE NOT starts_with(topic, 'group.') AND NOT starts_with(topic, 'restricted.');

-- The relay's queue, small and hot: a row leaves when Kafka has acknowledged it.
CREATE TABLE outbox_todo (
    id bigint PRIMARY KEY
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0);

-- An event that Kafka refuses for good stops its key, not the others.
CREATE TABLE outbox_blocked (
    id bigint PRIMARY KEY,
    topic text NOT NULL,
    key text NOT NULL,
    error text NOT NULL,
    blocked_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- The relay that holds the advisory lock says here that it is alive.
CREATE TABLE relay_heartbeat (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    backend int NOT NULL,
    beat_at timestamptz NOT NULL
);

-- migrate:down
DROP TABLE relay_heartbeat, outbox_blocked, outbox_todo, outbox, stream_head, dead_letter, inbox_parked, inbox_head;
