"""What can be set for `remedy`, with units and where the defaults come from."""

from functools import cached_property
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator

from services.remedy.clock_settings import chosen, read_benchmarks
from services.remedy.domain.calendar import Span
from services.remedy.domain.engagement.calendar import RoutineTerms
from services.remedy.domain.engagement.contracts import FollowUpTerms
from services.remedy.domain.engagement.obligations import DueTerms
from services.remedy.domain.engagement.proposals import Rules
from services.remedy.domain.terms import Terms
from services.remedy.libraries import read_libraries
from shared.events.engagement_words import ReasonKind
from shared.sealing import decode
from shared.settings import Settings

SPAN = r"^P(\d{1,5}D|\d{1,3}[WM]|T\d{1,6}[HMS])$"


class RemedySettings(Settings):
    """The settings of `remedy`. A duration is given as ISO 8601 (`PT30S`, `P7D`); a day has 24 hours."""

    keys_dsn: SecretStr = Field(description="the database that holds wrapped keys, apart from the data")
    case_key: SecretStr | None = Field(
        default=None, description="32 bytes in base64: wraps the keys of cases and of the trustee; or set kms_address"
    )
    case_key_before: SecretStr | None = Field(
        default=None, description="the wrapping key before this one, until every key is wrapped anew"
    )
    kms_address: str | None = Field(
        default=None, description="URL of a key management service (OpenBao, HashiCorp Vault) that wraps keys instead"
    )
    kms_token: SecretStr | None = Field(default=None, description="token with which the service is asked")
    kms_key: str = Field(
        default="engage", pattern=r"^[A-Za-z0-9_.-]+$", description="name of the wrapping key in its transit engine"
    )
    trustee_key_days: int = Field(
        default=90,
        ge=1,
        le=730,
        description="days for which senders may use a key of the trustee; ours: what an old key opens should be little",
    )
    trustee_key_overlap_days: int = Field(
        default=14, ge=0, description="days before a key ends on which the next one is announced; ours"
    )
    trustee_key_grace_days: int = Field(
        default=30,
        ge=21,
        description="days after a key ended until its private half is destroyed; intake keeps a record for 7 days and "
        "`restricted.testimony` for 14, the rest is slack for what senders sent late",
    )
    receipt_pepper: SecretStr = Field(description="32 bytes in base64: without it no receipt can be guessed at")
    receipt_memory: int = Field(
        default=19 * 1024,
        ge=8,
        description="KiB that Argon2id takes for a receipt (OWASP's minimum); changed, earlier receipts are not found",
    )
    receipt_passes: int = Field(
        default=2, ge=1, description="passes of Argon2id (OWASP's minimum with 19 MiB); changed, as the line above"
    )
    door_each_per_minute: float = Field(
        default=6, gt=0, description="requests a minute that one address may make at the reporters' door; ours"
    )
    door_each_at_once: float = Field(default=20, ge=1, description="requests of one address after a pause; ours")
    door_together_per_second: float = Field(
        default=10, gt=0, description="requests a second at the reporters' door of all addresses together; ours"
    )
    door_together_at_once: float = Field(default=40, ge=1, description="requests of all addresses after a pause; ours")
    zone: str = Field(default="Europe/Oslo", description="IANA time zone by which days and deadlines are counted")
    check_days: tuple[int, ...] = Field(
        default=(2, 7, 14, 30, 90, 180, 365),
        description="days after a contact with the employer when retaliation is looked for; ours, no source has one",
    )
    benchmarks_file: Path | None = Field(
        default=None, description="file of benchmarks instead of the shipped one (services/remedy/benchmarks.toml)"
    )
    clocks_on: tuple[str, ...] = Field(default=(), description="ids of benchmarks to switch on, such as fla-45")
    clocks_off: tuple[str, ...] = Field(default=(), description="ids of benchmarks to switch off")
    retain_identity: str | None = Field(
        default=None,
        pattern=SPAN,
        description="how long after closure who reported is kept; else as its benchmark: 90 days, after GlobaLeaks",
    )
    retain_narrative: str | None = Field(
        default=None, pattern=SPAN, description="the same for what was told; else 90 days, after GlobaLeaks"
    )
    retain_record: str | None = Field(
        default=None,
        pattern=SPAN,
        description="the same for the record of decisions, codes without words; else 7 years, after LkSG section 10(1)",
    )
    clock_step_ahead: float = Field(
        default=3600.0, gt=0, description="seconds by which the database's clock may run ahead of time before all waits"
    )
    clock_step_back: float = Field(default=5.0, gt=0, description="seconds by which it may step back before all waits")
    batch_hour: int = Field(
        default=6, ge=0, le=23, description="hour, in the zone, at which released statements go out in one batch a day"
    )
    release_delay: int = Field(
        default=7, ge=0, le=365, description="days that a released statement waits at least; ours: no source fixes any"
    )
    release_spread: int = Field(
        default=14,
        ge=0,
        le=365,
        description="days, drawn at random up to this, that it waits beyond; so that its day tells nothing of the case",
    )
    figures_from: int = Field(
        default=10, ge=10, description="cases that each public figure counts at least; nothing below ten is ever public"
    )
    forget_every: float = Field(
        default=60.0, gt=0, le=86400, description="seconds between two deletions of testimony from Kafka"
    )
    fire_every: float = Field(default=1.0, gt=0, le=60, description="seconds between two looks at the deadlines")
    identity_hours: float = Field(
        default=24.0, gt=0, le=168, description="hours for which a grant opens an identity; ours, no source has any"
    )
    audit_hour: int = Field(
        default=2, ge=0, le=23, description="hour at which the audit's head of the day before is published"
    )
    requests_at_once: int = Field(
        default=200, ge=1, description="requests of one key of a member after a pause; as ingest has it"
    )
    requests_per_second: float = Field(
        default=50, gt=0, description="requests of one key of a member in the long run; as ingest has it"
    )
    readers_pool_size: int = Field(
        default=3, ge=1, le=50, description="connections for readers of engagements and documents alone; ours"
    )
    stage_days: int = Field(
        default=180,
        ge=1,
        le=3660,
        description="days that an engagement may stand at a milestone until the next step of the ladder is proposed; "
        "ours: half a year, no source has any",
    )
    most_entries: int = Field(
        default=2_000,
        ge=100,
        le=100_000,
        description="entries of an engagement after which it takes its end alone; ours: some each week for many years",
    )
    propose_severity: int = Field(
        default=3,
        ge=1,
        le=5,
        description="severity of a flag from which an engagement is proposed; a serious one proposes always; ours",
    )
    propose_kinds: tuple[ReasonKind, ...] = Field(
        default=(ReasonKind.FLAG, ReasonKind.STATEMENT),
        description="what proposes an engagement by itself: flag, statement (cleared for contact with the company), "
        "indicator; ours: an indicator points at a public list and is no flag, so it is only told beside others",
    )

    clauses_file: Path | None = Field(
        default=None, description="file of the clause library instead of the shipped one (services/remedy/clauses.toml)"
    )
    asks_file: Path | None = Field(
        default=None, description="file of standard asks instead of the shipped one (services/remedy/asks.toml)"
    )
    self_report_within: str | None = Field(
        default=None,
        pattern=r"^P(\d{1,4}D|\d{1,3}[WM])$",
        description="how long after the start of a contract its self-report is due; else as the clause library: six "
        "weeks, after DFØ, of which an older page says one month (P1M)",
    )
    routine_years: int = Field(
        default=10, ge=1, le=50, description="years ahead for which the yearly follow-up of contracts is laid out; ours"
    )
    routine_without_conditions: bool = Field(
        default=False, description="whether contracts without performance conditions have a routine follow-up, too"
    )
    rectify_days: int = Field(
        default=14,
        ge=1,
        le=365,
        description="days within which a no in a self-report is to be rectified; DFØ says promptly, the number is ours",
    )
    warn_days: int = Field(
        default=7, ge=0, le=90, description="days before the last one on which it is told that something is due; ours"
    )
    warn_account_days: int = Field(
        default=30, ge=0, le=180, description="the same for a member's annual account, due 30 June; ours"
    )

    @field_validator("case_key", "case_key_before", "receipt_pepper")
    @classmethod
    def is_key(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None and not has_32_bytes(key.get_secret_value()):
            raise ValueError("32 random bytes in base64 are needed")
        return key

    @model_validator(mode="after")
    def wraps_keys(self) -> Self:
        if self.case_key is None and (self.kms_address is None or self.kms_token is None):
            raise ValueError("case_key is needed, or kms_address with kms_token")
        if self.trustee_key_overlap_days >= self.trustee_key_days:
            raise ValueError("trustee_key_overlap_days must be shorter than trustee_key_days")
        return self

    @field_validator("benchmarks_file")
    @classmethod
    def has_benchmarks(cls, file: Path | None) -> Path | None:
        read_benchmarks(file)
        return file

    @field_validator("clocks_on", "clocks_off")
    @classmethod
    def are_benchmarks(cls, names: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        read_benchmarks(info.data.get("benchmarks_file")).switched(names, ())
        return names

    @cached_property
    def proposal_rules(self) -> Rules:
        """Which reasons propose an engagement."""
        return Rules(frozenset(self.propose_kinds), self.propose_severity)

    @model_validator(mode="after")
    def has_libraries(self) -> Self:
        read_libraries(self.clauses_file, self.asks_file)
        return self

    @cached_property
    def due_terms(self) -> DueTerms:
        """When a day ends, and how long before it is told that it comes near."""
        return DueTerms(ZoneInfo(self.zone), self.warn_days, self.warn_account_days)

    @cached_property
    def follow_up_terms(self) -> FollowUpTerms:
        """What of the settings the follow-up of contracts needs."""
        within = Span.read(self.self_report_within) if self.self_report_within else None
        clauses = read_libraries(self.clauses_file, self.asks_file).clauses.reporting_within(within)
        return FollowUpTerms(
            RoutineTerms(clauses, self.routine_years, self.routine_without_conditions), self.rectify_days
        )

    @cached_property
    def terms(self) -> Terms:
        """What of the settings the rules need."""
        within = {
            "retention-identity": self.retain_identity,
            "retention-narrative": self.retain_narrative,
            "retention-record": self.retain_record,
        }
        benchmarks = chosen(self.benchmarks_file, self.clocks_on, self.clocks_off, within)
        return Terms(ZoneInfo(self.zone), self.check_days, benchmarks)


def has_32_bytes(key: str) -> bool:
    """Whether a setting is 32 bytes in base64."""
    try:
        return len(decode(key)) == 32
    except ValueError:
        return False
