-- migrate:up

-- Which column held which field when a member last mapped a file with this header (`header` is its digest).
CREATE TABLE column_mapping (
    member text NOT NULL REFERENCES member,
    header bytea NOT NULL,
    places jsonb NOT NULL,               -- field: position of its column, counted from 0
    PRIMARY KEY (member, header)
);

-- migrate:down
DROP TABLE column_mapping;
