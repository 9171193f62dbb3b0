-- migrate:up

-- Which receipts have answered: HMAC-SHA-256 of the receipt itself with the pepper. No time, no case.
CREATE TABLE survey_answered (
    token bytea PRIMARY KEY
);

-- What was answered, in sums: no row is one person's.
CREATE TABLE survey_answer (
    quarter text NOT NULL,
    edition text NOT NULL,
    question text NOT NULL,
    grade smallint NOT NULL CHECK (grade BETWEEN 1 AND 5),
    number int NOT NULL,
    PRIMARY KEY (quarter, edition, question, grade)
);

-- migrate:down
DROP TABLE survey_answer, survey_answered;
