-- migrate:up

-- What the registry tells: who takes part, whom the groups engage. The newest event holds; a name may come later.

CREATE TABLE participant (
    member text PRIMARY KEY,
    name text NOT NULL,
    kind text NOT NULL,
    bound_by text[] NOT NULL DEFAULT '{}',
    left_at timestamptz
);

CREATE TABLE member_key (
    kid text PRIMARY KEY,
    member text NOT NULL,
    digest text,             -- none in a stub: its end was told first
    purposes text[] NOT NULL DEFAULT '{}',
    ends_at timestamptz
);

CREATE TABLE working_group (
    slug text PRIMARY KEY,
    name text NOT NULL DEFAULT '',
    purpose text NOT NULL DEFAULT '',
    secretariat text,
    categories text[] NOT NULL DEFAULT '{}',
    instruments text[] NOT NULL DEFAULT '{}',
    suppliers uuid[] NOT NULL DEFAULT '{}',
    established_at timestamptz,
    closed_at timestamptz
);

CREATE TABLE group_member (
    workinggroup text NOT NULL,
    member text NOT NULL,
    role text NOT NULL,
    joined_at timestamptz NOT NULL,
    left_at timestamptz,
    PRIMARY KEY (workinggroup, member)
);
CREATE INDEX group_member_by_member ON group_member (member);

CREATE TABLE supplier (
    supplier uuid PRIMARY KEY,
    name text,
    country text,
    merged_into uuid,        -- as the registry last told
    alias_of uuid            -- the supplier that it turned out to be, at the end of the chain of merges
);
CREATE INDEX supplier_by_alias ON supplier (alias_of) WHERE alias_of IS NOT NULL;

-- What gives reason for an engagement: flags and indicators as `risk` last told them, statements as they were published.
-- Kind `verification` is a remedy that workers found effective: it proposes nothing, milestone M5 may rest on it. A reason
-- that came again (a flag reopened) stands since then.

CREATE TABLE reason (
    kind text NOT NULL,
    id uuid NOT NULL,
    place bigint GENERATED ALWAYS AS IDENTITY,
    supplier uuid NOT NULL,
    category text NOT NULL,
    severity int,            -- of a flag
    serious boolean NOT NULL DEFAULT false,
    contact text,            -- of a statement: whether the company may be approached on it
    quarter text,            -- of testimony: what was released of its time
    instruments text[] NOT NULL DEFAULT '{}',
    since timestamptz NOT NULL,
    ended_at timestamptz,
    event uuid,              -- that told it
    PRIMARY KEY (kind, id)
);
CREATE INDEX reason_by_supplier ON reason (supplier);

CREATE TABLE leverage (
    flag uuid PRIMARY KEY,
    supplier uuid NOT NULL,
    category text NOT NULL,
    buyers int NOT NULL,
    contracts int,
    "values" jsonb NOT NULL DEFAULT '[]',
    told_at timestamptz NOT NULL,
    event uuid               -- that told it
);
CREATE INDEX leverage_by_supplier ON leverage (supplier);

-- An engagement is the sum of its entries. The columns of `engagement` are what the board shows, concluded from them.

CREATE TABLE engagement (
    engagement uuid PRIMARY KEY,
    workinggroup text NOT NULL,
    supplier uuid NOT NULL,
    category text NOT NULL,
    state text NOT NULL,                -- EngagementState
    why text,                           -- of a proposal: the reason in words
    objective text,
    opened_by text,
    opened_at timestamptz,
    proposed_at timestamptz,
    milestone text,                     -- Milestone
    milestone_since date,
    escalation text,                    -- EscalationStep: the last that was taken
    escalation_proposed text,           -- EscalationStep: the next, where a rule proposes it
    open_asks int NOT NULL DEFAULT 0,
    overdue int NOT NULL DEFAULT 0,     -- obligations that were missed and still stand
    consultations int NOT NULL DEFAULT 0,
    next_due date,
    next_due_kind text,                 -- ObligationKind
    next_due_about uuid,
    outcome text,
    closed_at timestamptz,
    moved_at timestamptz NOT NULL       -- when anything last happened to it
);
CREATE INDEX engagement_by_group ON engagement (workinggroup, state);
CREATE INDEX engagement_by_supplier ON engagement (supplier);
CREATE INDEX engagement_by_due ON engagement (next_due) WHERE next_due IS NOT NULL;

CREATE TABLE engagement_reason (
    engagement uuid NOT NULL,
    kind text NOT NULL,
    id uuid NOT NULL,
    PRIMARY KEY (engagement, kind, id)
);
CREATE INDEX engagement_reason_by_id ON engagement_reason (id);

CREATE TABLE dialogue_entry (
    entry uuid PRIMARY KEY,             -- of a withdrawal its event: what it takes back is in `told`
    event uuid NOT NULL,
    engagement uuid NOT NULL,
    place bigint NOT NULL,              -- the event's sequence under its key: entries are told in this order
    workinggroup text NOT NULL,
    type text NOT NULL,
    member text,
    role text,
    recorded_at timestamptz NOT NULL,
    told jsonb NOT NULL,                -- the event's data
    standing text NOT NULL,             -- applied, refused, withdrawn
    refusals text[] NOT NULL DEFAULT '{}',
    stood text,                         -- of a refusal: where the engagement stood
    legal text[] NOT NULL DEFAULT '{}',
    UNIQUE (engagement, workinggroup, place)
);
CREATE INDEX dialogue_entry_refused ON dialogue_entry (engagement) WHERE standing = 'refused';
CREATE INDEX dialogue_entry_by_time ON dialogue_entry (workinggroup, recorded_at);

CREATE TABLE practice (
    practice uuid NOT NULL,
    workinggroup text NOT NULL,         -- that may read it: its own, or one to which it was offered
    offered_by text,
    event uuid NOT NULL,
    told jsonb NOT NULL,
    recorded_at timestamptz NOT NULL,
    withdrawn_at timestamptz,
    PRIMARY KEY (practice, workinggroup)
);

-- The follow-up of a member's contracts: each condition is the sum of its entries, as an engagement is.

CREATE TABLE contract (
    contract uuid NOT NULL,
    reader text NOT NULL,               -- the member on whose topic it was told
    member text NOT NULL,               -- its owner
    reference text NOT NULL,
    title text,
    supplier uuid,
    starts date,
    ends date,
    conditions jsonb,
    ended_on date,
    recorded_at timestamptz NOT NULL,
    event uuid,                         -- that told it last
    PRIMARY KEY (reader, contract)
);
CREATE INDEX contract_by_supplier ON contract (supplier);

CREATE TABLE condition (
    condition uuid PRIMARY KEY,
    member text NOT NULL,
    contract uuid NOT NULL,
    clause text NOT NULL,
    wanted text NOT NULL,
    due date NOT NULL,
    basis text NOT NULL,
    state text NOT NULL,                -- ConditionState
    since date NOT NULL,
    cure_until date,
    born text NOT NULL,                 -- the state in which it began, and on which day
    born_on date NOT NULL,
    made_by uuid,                       -- the entry that made it; none: the routine follow-up
    lifted boolean NOT NULL DEFAULT false
);
CREATE INDEX condition_by_contract ON condition (contract);
CREATE INDEX condition_by_member ON condition (member, due);

CREATE TABLE information_request (
    request uuid PRIMARY KEY,
    member text NOT NULL,
    reference text NOT NULL,
    contract uuid,
    state text NOT NULL,                -- RequestState
    received_on date NOT NULL,
    due date NOT NULL,
    basis text NOT NULL,
    reasons text,
    ground text,
    moved_on date NOT NULL              -- the day of what was reported last
);
CREATE INDEX information_request_by_member ON information_request (member, due);

CREATE TABLE account (
    member text NOT NULL,
    year int NOT NULL,
    due date NOT NULL,
    owed boolean NOT NULL DEFAULT false,    -- the member was bound when it was to be published
    published_on date,
    evidence jsonb,
    recorded_at timestamptz,                -- when that was told
    PRIMARY KEY (member, year)
);

CREATE TABLE follow_up_entry (
    entry uuid PRIMARY KEY,             -- of a withdrawal its event: what it takes back is in `told`
    event uuid NOT NULL,
    subject uuid NOT NULL,              -- the contract, request or account
    place bigint NOT NULL,
    member text NOT NULL,
    type text NOT NULL,
    recorded_at timestamptz NOT NULL,
    told jsonb NOT NULL,
    standing text NOT NULL,
    refusals text[] NOT NULL DEFAULT '{}',
    stood text,
    legal text[] NOT NULL DEFAULT '{}',
    UNIQUE (member, subject, place)
);

-- Which flags touched a member's contracts, and when: for that member's annual account.

CREATE TABLE exposure (
    member text NOT NULL,
    contract uuid NOT NULL,
    flag uuid NOT NULL,
    supplier uuid NOT NULL,
    category text NOT NULL,
    reach text NOT NULL,
    since timestamptz NOT NULL,
    ended_at timestamptz,
    event uuid NOT NULL,                -- that told of it first
    ended_by uuid,                      -- the event that ended it
    PRIMARY KEY (member, contract, flag)
);

-- What is due by a day, of engagements and of members: one table, so that one clock watches all.

CREATE TABLE obligation (
    about uuid NOT NULL,                -- the ask, commitment, step of escalation, condition, request or account
    kind text NOT NULL,                 -- ObligationKind
    engagement uuid,
    workinggroup text,
    supplier uuid,
    member text,
    contract uuid,
    subject uuid NOT NULL,              -- the key under which it is told
    due date NOT NULL,
    basis text NOT NULL,
    warn_at timestamptz NOT NULL,       -- when it comes near
    due_at timestamptz NOT NULL,        -- when its last day is over
    warned_at timestamptz,              -- told as near: as warn_at; told as missed: as due_at
    missed_at timestamptz,
    ended_at timestamptz,               -- when it was met, or no longer stood
    PRIMARY KEY (about, kind)
);
CREATE INDEX obligation_to_warn ON obligation (warn_at)
    WHERE warned_at IS NULL AND (ended_at IS NULL OR ended_at >= warn_at);
CREATE INDEX obligation_to_miss ON obligation (due_at)
    WHERE missed_at IS NULL AND (ended_at IS NULL OR ended_at >= due_at);
CREATE INDEX obligation_by_day ON obligation (due) WHERE ended_at IS NULL;
CREATE INDEX obligation_by_subject ON obligation (subject);
CREATE INDEX obligation_by_engagement ON obligation (engagement) WHERE engagement IS NOT NULL;
CREATE INDEX obligation_by_member ON obligation (member, due) WHERE member IS NOT NULL;

-- When a statement that waits was cleared for contact with the company. Once it is published, its sealed text tells.
ALTER TABLE statement_waiting ADD COLUMN cleared_at timestamptz;

-- migrate:down
ALTER TABLE statement_waiting DROP COLUMN cleared_at;
DROP TABLE obligation, exposure, follow_up_entry, account, information_request, condition, contract, practice, dialogue_entry,
    engagement_reason, engagement, leverage, reason, supplier, group_member, working_group, member_key, participant;
