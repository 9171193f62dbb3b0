"""Prometheus metrics of `notify`. The label `template` has a fixed list of values; no address comes near a label."""

from prometheus_client import Counter, Gauge, Histogram

MAILS = Counter(
    "engage_mails_total",
    "Mails by what came of an attempt: sent, retry, uncertain, failed, cancelled or pending (not reached).",
    ["template", "outcome"],
)
OLDEST_UNSENT = Gauge("engage_mail_oldest_unsent_age_seconds", "Age of the oldest mail that is not settled.")
DELAY = Histogram(
    "engage_mail_delay_seconds",
    "Time from the event that asks for a mail to the mail server's acceptance.",
    ["template"],
    buckets=(0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5, 30, 60, 300, 1800, 7200, 43200, 259200),
)
