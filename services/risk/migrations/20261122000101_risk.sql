-- migrate:up

-- An edition of a list, loaded by an operator. Editions stay, so that the evidence of an indicator can be looked up.
CREATE TABLE fact_edition (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,                      -- country_goods or entities
    source text NOT NULL,
    edition text NOT NULL,                   -- a year, month or day: the order as text is the order in time
    licence text,
    retrieved date,
    digest text NOT NULL,                    -- of the facts, so that the same list in another file format is the same
    facts int NOT NULL,
    in_force boolean NOT NULL,
    loaded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (kind, source, edition)
);
CREATE UNIQUE INDEX fact_edition_in_force ON fact_edition (kind, source) WHERE in_force;

CREATE TABLE country_good (
    edition bigint NOT NULL REFERENCES fact_edition,
    country text NOT NULL,
    good_key text NOT NULL,
    good text NOT NULL,
    country_name text NOT NULL,              -- as the list spells it
    sector text NOT NULL,
    child_labour boolean NOT NULL,
    forced_labour boolean NOT NULL,
    forced_child_labour boolean NOT NULL,
    derived boolean NOT NULL,
    derived_country text,                    -- as the list spells it
    PRIMARY KEY (edition, country, good_key)
);

CREATE TABLE entity (
    edition bigint NOT NULL REFERENCES fact_edition,
    number int NOT NULL,
    name text NOT NULL,
    country text NOT NULL,
    country_name text NOT NULL,
    industry text NOT NULL,
    effective date NOT NULL,
    measure text NOT NULL,
    PRIMARY KEY (edition, number)
);

-- The normalised name and aliases of an entity.
CREATE TABLE entity_name (
    edition bigint NOT NULL,
    number int NOT NULL,
    key text NOT NULL,
    country text NOT NULL,
    PRIMARY KEY (edition, number, key),
    FOREIGN KEY (edition, number) REFERENCES entity
);
CREATE INDEX entity_name_key ON entity_name (key, country);

-- What each disclosure last said of a site; a retired one stays, and says nothing.
CREATE TABLE disclosure (
    disclosure uuid PRIMARY KEY,
    site uuid NOT NULL,
    supplier uuid NOT NULL,
    supplier_name text NOT NULL,
    site_name text,
    country text,
    sector text,
    recorded_at timestamptz NOT NULL,
    is_current boolean NOT NULL
) WITH (fillfactor = 90);
CREATE INDEX disclosure_of_site ON disclosure (site) WHERE is_current;

-- A site as its current disclosures describe it, and its last assessment. Its row lock orders what is published of it.
CREATE TABLE site (
    site uuid PRIMARY KEY,
    supplier uuid,
    supplier_name text,
    site_name text,
    country text,
    sectors jsonb NOT NULL DEFAULT '[]',
    disclosures int NOT NULL DEFAULT 0,      -- current ones; 0 where nobody names the site any more
    categories jsonb,                        -- category -> finding; null until first assessed
    gaps jsonb NOT NULL DEFAULT '[]',
    model int,                               -- version of the model that assessed it
    assessed_at timestamptz
) WITH (fillfactor = 80);
CREATE INDEX site_by_model ON site (model) WHERE disclosures > 0;

-- The indicators in force.
CREATE TABLE indicator (
    indicator uuid PRIMARY KEY,
    site uuid NOT NULL REFERENCES site,
    supplier uuid NOT NULL,
    kind text NOT NULL,
    category text NOT NULL,
    statement text NOT NULL,
    evidence jsonb NOT NULL,
    raised_at timestamptz NOT NULL
);
CREATE INDEX indicator_of_site ON indicator (site);

-- Flags that people raised, once each.
CREATE TABLE flag (
    flag uuid PRIMARY KEY,
    supplier uuid NOT NULL,
    site uuid,
    category text NOT NULL,
    source_class text NOT NULL,
    severity int NOT NULL,
    priority int NOT NULL,
    serious boolean NOT NULL,
    state text NOT NULL,
    opened_at timestamptz NOT NULL
);
CREATE INDEX flag_of_site ON flag (site);

-- migrate:down
DROP TABLE flag, indicator, site, disclosure, entity_name, entity, country_good, fact_edition;
