-- migrate:up

-- Who recorded that a remedy item was carried out or paid: they do not record that it was verified.
CREATE TABLE item_work (
    case_id uuid NOT NULL REFERENCES grievance_case,
    item uuid NOT NULL,
    person_id uuid NOT NULL REFERENCES person,
    PRIMARY KEY (case_id, item, person_id)
);

-- migrate:down
DROP TABLE item_work;
