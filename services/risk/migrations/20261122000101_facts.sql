-- migrate:up

-- An edition of a list, loaded by an operator. Editions stay, so that the evidence of an indicator can be looked up.
-- The greatest id tells whether the facts in force have changed since somebody read them.
CREATE TABLE fact_edition (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    format text NOT NULL,                    -- how its file is read: ilab-goods, cbp-orders, rows, ...
    source text NOT NULL,                    -- the publisher and its list
    edition text NOT NULL,                   -- a year, month or day: the order as text is the order in time
    licence text,
    retrieved date,
    valid_from date,                         -- from when the edition holds, where its publisher says so
    digest text NOT NULL,                    -- of the facts, so that the same list in another file format is the same
    facts int NOT NULL,
    in_force boolean NOT NULL,
    loaded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (source, edition)
);
CREATE UNIQUE INDEX fact_edition_in_force ON fact_edition (source) WHERE in_force;

-- One statement of a list. `country` is ISO 3166-1 alpha-2, null where the list speaks of no country; `name` is the good,
-- sector, mineral or entity as written, '' for a country.
CREATE TABLE fact (
    edition bigint NOT NULL REFERENCES fact_edition,
    number int NOT NULL,
    about text NOT NULL,                     -- country, good, sector, mineral, entity
    country text,
    name text NOT NULL,
    measure text NOT NULL,                   -- what is stated: forced_labour, ratified_c087, v2x_rule, ...
    value double precision,                  -- where it is stated as a number
    word text,                               -- where it is stated as a word
    valid_from date,
    valid_to date,
    text text NOT NULL,                      -- the row, in the words of the source
    PRIMARY KEY (edition, number)
);

-- migrate:down
DROP TABLE fact, fact_edition;
