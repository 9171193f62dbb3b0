"""What happens by the clock, the database's alone. Each task is in the module whose work it is."""

from functools import partial

from services.remedy import (
    counting,
    engagement_metrics,
    erasing,
    forgetting,
    heads,
    obligations,
    releasing,
    rewrapping,
    taking_in,
    timing,
    trustee,
)
from services.remedy.office import settings_of
from shared.service import Task

TIMER = timing.Timer()
"""What this process knows of time."""

TASKS = (
    Task("take-in", taking_in.take_in, every=lambda settings: settings_of(settings).fire_every),
    Task("clocks", TIMER.fire, every=lambda settings: settings_of(settings).fire_every),
    Task(
        "obligations", partial(obligations.fire, timer=TIMER), every=lambda settings: settings_of(settings).fire_every
    ),
    Task("engagement-metrics", engagement_metrics.measure, every=lambda _settings: 60.0),
    Task("erasure", partial(erasing.erase, timer=TIMER), every=lambda settings: settings_of(settings).fire_every),
    Task("audit-head", heads.end_days, every=lambda _settings: 10.0),
    Task("trustee-key", trustee.rotate, every=lambda _settings: 3600.0),
    Task("old-trustee-keys", partial(trustee.destroy_old, timer=TIMER), every=lambda _settings: 3600.0),
    Task("rewrap-keys", rewrapping.rewrap, every=lambda _settings: 3600.0),
    Task("key-remains", rewrapping.clear_remains, every=lambda _settings: 60.0),
    Task("consumed-testimony", forgetting.forget_consumed, every=lambda settings: settings_of(settings).forget_every),
    Task("statements", partial(releasing.publish_batch, timer=TIMER), every=lambda _settings: 60.0),
    Task("figures", partial(counting.publish_figures, timer=TIMER), every=lambda _settings: 60.0),
)
