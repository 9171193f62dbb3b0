"""How much one key may do in a time: a token bucket, told the time by its caller."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """So many per second in the long run, and `at_once` after a pause."""

    name: str
    per_second: float
    at_once: float

    @property
    def policy(self) -> str:
        """As a `RateLimit-Policy` header has it: the quota and the seconds in which it comes back."""
        return f'"{self.name}";q={math.floor(self.at_once)};w={math.ceil(self.at_once / self.per_second)}'


@dataclass(slots=True)
class Bucket:
    """What is left of a rate. It may fall below nothing once: a batch larger than the quota is slow, not impossible."""

    rate: Rate
    level: float
    at: float

    def wait(self, now: float) -> float:
        """The seconds until something is left; 0 where something is."""
        self.level = min(self.rate.at_once, self.level + max(0.0, now - self.at) * self.rate.per_second)
        self.at = now
        return (1 - self.level) / self.rate.per_second if self.level < 1 else 0.0

    def take(self, amount: float, now: float) -> float:
        """Take an amount if anything is left; the seconds to wait where nothing is, 0 where it was taken."""
        if seconds := self.wait(now):
            return seconds
        self.level -= amount
        return 0.0

    def remaining(self) -> str:
        """As a `RateLimit` header has it: what is left, and the seconds until all of it is back."""
        seconds = math.ceil((self.rate.at_once - self.level) / self.rate.per_second)
        return f'"{self.rate.name}";r={max(0, math.floor(self.level))};t={seconds}'


class Buckets:
    """The buckets of one rate, by key, never more than `most`. Full ones are forgotten first: they start full again."""

    def __init__(self, rate: Rate, most: int = 10_000) -> None:
        self.rate = rate
        self.most = most
        self.by_key: dict[str, Bucket] = {}

    def of(self, key: str, now: float) -> Bucket:
        """The bucket of a key, full where it is new."""
        if key not in self.by_key:
            self.forget(now)
            self.by_key[key] = Bucket(self.rate, self.rate.at_once, now)
        return self.by_key[key]

    def forget(self, now: float) -> None:
        """Leave room for one more: where none is full again, the half asked of longest ago goes."""
        if len(self.by_key) < self.most:
            return
        full = self.rate.at_once / self.rate.per_second
        self.by_key = {key: one for key, one in self.by_key.items() if now - one.at < full}
        if len(self.by_key) >= self.most:
            latest = sorted(self.by_key.items(), key=lambda kept: kept[1].at)[-(self.most // 2) :]
            self.by_key = dict(latest)
