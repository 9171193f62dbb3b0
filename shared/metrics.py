"""Prometheus metrics of the spine. Labels are bounded: topics appear as their template, so that no member is named."""

import re

from prometheus_client import Counter, Gauge, Histogram

TOPIC_TEMPLATES = (
    (re.compile(r"^(member|group)\.[^.]+\.(.+)$"), r"\1.{id}.\2"),
    (re.compile(r"^(intake|outcome)\..+$"), r"\1.{member}"),
)

EVENTS_CONSUMED = Counter(
    "engage_events_consumed_total",
    "Events taken from Kafka, by what became of them: applied, duplicate, parked, dead_letter or unknown_type; of what "
    "members send: accepted, duplicate, rejected or unanswered.",
    ["topic", "outcome"],
)
BATCH_SECONDS = Histogram(
    "engage_batch_duration_seconds",
    "Time from a batch in hand to its database commit.",
    ["topic"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)
EVENTS_PUBLISHED = Counter("engage_events_published_total", "Events that the relay has seen acknowledged by Kafka.")
RETRIES = Counter("engage_batch_retries_total", "Batches tried again, by cause: transient or failed.", ["cause"])
COMMITS_REFUSED = Counter("engage_offset_commits_refused_total", "Offset commits refused after a rebalance: harmless.")
RECORDS_NOT_DELETED = Counter(
    "engage_records_not_deleted_total", "Records that must not stay in Kafka's log and could not be deleted from it."
)
OUTBOX_PENDING = Gauge("engage_outbox_pending_events", "Committed events that Kafka has not acknowledged yet.")
OUTBOX_AGE = Gauge("engage_outbox_oldest_age_seconds", "Age of the oldest event that Kafka has not acknowledged.")
OUTBOX_BLOCKED = Gauge("engage_outbox_blocked_keys", "Keys that are stopped because Kafka refuses an event for good.")
CONSUMER_LAG = Gauge("engage_consumer_lag_events", "Events in Kafka that this process has not applied yet.")
PARKED = Gauge("engage_parked_events", "Events that wait behind a gap or a dead letter of their key.")
DEAD_LETTERS = Gauge("engage_dead_letters", "Dead letters that wait for an operator.")
READY = Gauge("engage_ready", "1 while the service can do its work.")


def topic_label(topic: str) -> str:
    """The topic's template: `member.oslo.disclosure` becomes `member.{id}.disclosure`."""
    for pattern, template in TOPIC_TEMPLATES:
        if pattern.match(topic):
            return pattern.sub(template, topic)
    return topic
