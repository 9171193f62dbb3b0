-- migrate:up

-- A closed working group is concerned with nothing any more.
ALTER TABLE workinggroup ADD COLUMN closed boolean NOT NULL DEFAULT false;

-- migrate:down
ALTER TABLE workinggroup DROP COLUMN closed;
