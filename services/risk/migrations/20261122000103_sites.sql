-- migrate:up

-- What each disclosure last said, to all members (audience '') or to one. These rows are the edges of the graph supplier
-- -> product -> site -> component -> mineral, in time: `valid_from` to `valid_to` as the source says or, where it does not,
-- from the day it was told to the day it was retired.
CREATE TABLE disclosure (
    disclosure uuid NOT NULL,
    audience text NOT NULL,
    site uuid,
    supplier uuid NOT NULL,
    supplier_name text NOT NULL,
    site_name text,
    country text,
    said jsonb NOT NULL,                     -- what of it an assessment or a graph needs; see domain/sites.py
    product text,                            -- manufacturer and model, made comparable
    component text,
    mineral text,
    tier text NOT NULL,
    recorded_at timestamptz NOT NULL,        -- of the newest word: a disclosure that moved to another supplier has two keys
    since timestamptz NOT NULL,              -- first told, or first told again after it was last retired
    returned_after timestamptz,              -- when it was last retired before `since`
    begins date,                             -- as its source says
    ends date,
    retired boolean NOT NULL DEFAULT false,
    valid_from date NOT NULL GENERATED ALWAYS AS (coalesce(begins, (since AT TIME ZONE 'UTC')::date)) STORED,
    valid_to date GENERATED ALWAYS AS        -- the first day on which it no longer holds
        (CASE WHEN retired THEN least(ends, (recorded_at AT TIME ZONE 'UTC')::date) ELSE ends END) STORED,
    PRIMARY KEY (disclosure, audience)
) WITH (fillfactor = 90);
CREATE INDEX disclosure_of_site ON disclosure (site) WHERE site IS NOT NULL;
CREATE INDEX disclosure_of_supplier ON disclosure (supplier);
CREATE INDEX disclosure_of_product ON disclosure (product) WHERE product IS NOT NULL;
CREATE INDEX disclosure_of_mineral ON disclosure (mineral) WHERE mineral IS NOT NULL;

-- The last assessment of a site by what all members may know (audience ''), and by what one member may know beyond that.
-- `disclosures` counts the current ones behind it; 0: only reports name the site. A site of which nothing is known to an
-- audience any more has no row: what stands here follows from what is told now, not from what came before it.
CREATE TABLE assessment (
    site uuid NOT NULL,                      -- the root
    audience text NOT NULL,
    supplier uuid NOT NULL,                  -- as told
    supplier_name text NOT NULL,
    site_name text,
    country text,
    sectors text[] NOT NULL,                 -- made comparable
    minerals text[] NOT NULL,
    disclosures int NOT NULL,
    instruments jsonb NOT NULL,              -- instrument -> finding
    forced_labour text[] NOT NULL,           -- the indicators of the ILO that something points at
    gaps text[] NOT NULL,
    model text NOT NULL,                     -- version of the model that assessed it
    PRIMARY KEY (site, audience)
) WITH (fillfactor = 80);
CREATE INDEX assessment_by_model ON assessment (model);
CREATE INDEX assessment_by_country ON assessment (country);

CREATE TABLE grade (
    site uuid NOT NULL,
    audience text NOT NULL,
    category text NOT NULL,
    finding text NOT NULL,
    priority int NOT NULL,
    scale int,
    scope int,
    irremediability int,
    severity int,
    likelihood int,
    PRIMARY KEY (site, audience, category)
) WITH (fillfactor = 80);

-- The indicators in force, as they were raised.
CREATE TABLE indicator (
    indicator uuid NOT NULL,
    audience text NOT NULL,
    site uuid NOT NULL,
    supplier uuid NOT NULL,
    kind text NOT NULL,
    category text NOT NULL,
    statement text NOT NULL,
    confidence text,
    PRIMARY KEY (indicator, audience)
);
CREATE INDEX indicator_of_site ON indicator (site, audience);

-- migrate:down
DROP TABLE indicator, grade, assessment, disclosure;
