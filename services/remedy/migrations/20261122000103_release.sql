-- migrate:up

-- Statements that wait for their day. What they say is sealed under the key of the case, and once they are published
-- only that sealed text leads from a case to its statement.
CREATE TABLE statement_waiting (
    content_id uuid PRIMARY KEY REFERENCES content ON DELETE CASCADE,
    case_id uuid NOT NULL REFERENCES grievance_case,
    due_on date NOT NULL
);

-- Statements to take back with the next batch; no case stands beside them.
CREATE TABLE statement_reversal (
    statement uuid PRIMARY KEY,
    supplier uuid NOT NULL
);

-- The last day of which each daily batch went out.
CREATE TABLE daily_batch (
    name text PRIMARY KEY,
    day date NOT NULL
);

-- The figures of a past year: computed once, never again, so that no two editions can be compared.
CREATE TABLE figures_of_year (
    year text PRIMARY KEY,
    figures text NOT NULL
);

-- migrate:down
DROP TABLE figures_of_year, daily_batch, statement_reversal, statement_waiting;
