-- migrate:up

-- A concern that people raised: one flag for a site (or, where none is named, a supplier) and a category. All of it follows
-- from the reports, follow-ups, replies and withdrawals below, in the order of their recording; see domain/flags.
CREATE TABLE flag (
    flag uuid PRIMARY KEY,                   -- drawn from the root and the category: the same concern is the same flag
    supplier uuid NOT NULL,                  -- the root
    site uuid,                               -- the root
    category text NOT NULL,
    state text NOT NULL,
    is_open boolean NOT NULL,                -- neither dismissed nor closed
    severity int NOT NULL,
    likelihood int,
    priority int NOT NULL,
    serious boolean NOT NULL,
    standing jsonb NOT NULL,                 -- what was last published of it: reports, steps, refused steps; its parts
    opened_at timestamptz NOT NULL,
    moved_at timestamptz NOT NULL,
    clock text,                              -- what is awaited of it, and by which day
    due date,
    overdue boolean NOT NULL DEFAULT false,  -- this was told
    -- The flag that holds its reports now, where two sites or suppliers turned out to be one, or not one after all. Such a
    -- row is history: it says what was once told, which depends on the order in which things became known.
    merged_into uuid
);
CREATE INDEX flag_of_site ON flag (site) WHERE site IS NOT NULL;
CREATE INDEX flag_of_supplier ON flag (supplier);
CREATE INDEX flag_due ON flag (due, flag) WHERE due IS NOT NULL AND NOT overdue;
CREATE INDEX flag_by_priority ON flag (priority DESC, flag);

CREATE TABLE report (
    report uuid PRIMARY KEY,
    supplier uuid NOT NULL,                  -- as reported
    site uuid,
    category text NOT NULL,
    said jsonb NOT NULL,
    -- What the life of a flag takes of each of its reports: they can be thousands, and are not parsed for it.
    source_class text NOT NULL GENERATED ALWAYS AS (said ->> 'source_class') STORED,
    scale int NOT NULL GENERATED ALWAYS AS ((said #>> '{severity,scale}')::int) STORED,
    scope int NOT NULL GENERATED ALWAYS AS ((said #>> '{severity,scope}')::int) STORED,
    irremediability int NOT NULL GENERATED ALWAYS AS ((said #>> '{severity,irremediability}')::int) STORED,
    likelihood int GENERATED ALWAYS AS ((said #>> '{severity,likelihood}')::int) STORED,
    recorded_at timestamptz NOT NULL,
    flag uuid,                               -- the one that holds it now,
    place uuid,                              -- the root of its site, else of its supplier, by which that was chosen,
    holder uuid                              -- and the root of its supplier at that time
);
CREATE INDEX report_of_site ON report (site) WHERE site IS NOT NULL;
CREATE INDEX report_of_supplier ON report (supplier);
CREATE INDEX report_of_flag ON report (flag);
CREATE INDEX report_of_place ON report (place);
CREATE INDEX report_of_holder ON report (holder);

CREATE TABLE follow_up (
    entry uuid PRIMARY KEY,
    report uuid NOT NULL,                    -- may come before the report
    said jsonb NOT NULL,
    recorded_at timestamptz NOT NULL
);
CREATE INDEX follow_up_of ON follow_up (report);

CREATE TABLE reply (
    reply uuid PRIMARY KEY,
    report uuid NOT NULL,                    -- may come before the report
    said jsonb NOT NULL,
    recorded_at timestamptz NOT NULL
);
CREATE INDEX reply_of ON reply (report);

-- A report, follow-up or reply that its sender took back; may come before it.
CREATE TABLE withdrawal (
    what uuid PRIMARY KEY,
    recorded_at timestamptz NOT NULL
);

-- What a case handler has released of testimony: a supplier, a quarter, a category and a band. There is no more of it here.
CREATE TABLE statement (
    statement uuid PRIMARY KEY,
    supplier uuid NOT NULL,
    quarter text NOT NULL,
    category text NOT NULL,
    workers text NOT NULL,
    recorded_at timestamptz NOT NULL
);
CREATE INDEX statement_of_supplier ON statement (supplier);

-- migrate:down
DROP TABLE statement, withdrawal, reply, follow_up, report, flag;
