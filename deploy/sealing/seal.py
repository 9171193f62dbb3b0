"""Seal testimony: python seal.py KEYFILE KIND < testimony > sealed.json. Tried with cryptography 50."""

import hashlib
import json
import re
import secrets
import sys
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SIZES = (4096, 16384, 65536, 131072)


def draw_receipt() -> str:
    """115 random bits in Crockford's base 32, and the check symbol: the number modulo 37; above 31 draw again."""
    number = secrets.randbits(115)
    if number % 37 > 31:
        return draw_receipt()
    symbols = "".join(SYMBOLS[number >> shift & 31] for shift in range(110, -1, -5)) + SYMBOLS[number % 37]
    return "-".join(symbols[at : at + 4] for at in range(0, 24, 4))


key_file, kind = sys.argv[1:]
found = re.search(r'"public_key"\s*:\s*"([^"]+)"', text := Path(key_file).read_text())
key = b64decode(found[1] if found else text.strip(), validate=True)
told = sys.stdin.buffer.read().decode().strip()
receipt = draw_receipt()
inside = told.removeprefix("{") if told.startswith("{") else f'"narrative":{json.dumps(told)}}}'
plain = f'{{"receipt":"{receipt}",{inside}'.encode()
size = min(size for size in SIZES if size >= len(plain) + 4)  # fails where it is too large
padded = len(plain).to_bytes(4, "big") + plain + bytes(size - 4 - len(plain))
suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
box = suite.encrypt(padded, X25519PublicKey.from_public_bytes(key), info=b"engage/testimony/v1")

event = {
    "specversion": "1.0",
    "id": str(uuid4()),
    "source": "urn:engage:sealed",
    "type": "testimony.submitted.v1",
    "time": datetime.now(UTC).strftime("%Y-%m-%dT00:00:00Z"),
    "datacontenttype": "application/json",
    "data": {"kind": kind, "key": hashlib.sha256(key).hexdigest()[:16], "sealed": b64encode(box).decode()},
}
sys.stderr.write(f"Receipt: {receipt}\n")
json.dump(event, sys.stdout)
