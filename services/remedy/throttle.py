"""How often the reporters' door is tried: bounded for each address and for all together, with no address stored."""

import hmac
import ipaddress
import math
import secrets
import time
from collections.abc import Callable

from shared.rates import Bucket, Buckets, Rate

RENEWED_EVERY = 600
"""Seconds after which the key is drawn anew, and with it every trace of who asked is gone."""


class Throttle:
    """A bucket for each address, known by a keyed hash whose key lives ten minutes, in memory only; and one for all.

    The rate for all bounds what a person with many addresses can try: at ten a second a million guesses take more than
    a day, and a receipt has 115 random bits.
    """

    def __init__(self, each: Rate, together: Rate, clock: Callable[[], float] = time.monotonic) -> None:
        self.each, self.clock = each, clock
        self.together = Bucket(together, together.at_once, clock())
        self.renew()

    def renew(self) -> None:
        """Forget everybody: a new key, and full buckets."""
        self.key, self.since, self.buckets = secrets.token_bytes(32), self.clock(), Buckets(self.each)

    def wait(self, address: str) -> int:
        """The seconds until this address may try again; 0 where it may now, which then counts as one trial.

        Nothing is kept of an address while all together have tried too often, so that memory grows no faster than the
        rate for all.
        """
        now = self.clock()
        if now - self.since >= RENEWED_EVERY:
            self.renew()
        if seconds := self.together.wait(now):
            return math.ceil(seconds)
        known_as = hmac.digest(self.key, network_of(address).encode(), "sha256").hex()
        return math.ceil(self.buckets.of(known_as, now).take(1, now) or self.together.take(1, now))


def network_of(address: str) -> str:
    """What counts as one address: of IPv6 the first half, for the second is changed at will."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return address
    return str(ipaddress.ip_network((found, 64), strict=False))
