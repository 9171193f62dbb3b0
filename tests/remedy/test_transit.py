"""Keys wrapped by a key management service that speaks the documented HTTP API of the transit engine.

The server is the test's own: it does what the API's documentation says, as far as it is used here. No OpenBao and no
HashiCorp Vault runs in these tests.
"""

import base64
import json
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import uuid4

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.remedy.office import Office, office_of
from services.remedy.rewrapping import rewrap
from services.remedy.settings import RemedySettings
from services.remedy.vault import KeyLost, Part, Vault, Writing
from services.remedy.wrapping import KeysFromSettings, Transit, key_service
from shared.service import Runtime
from tests.conftest import Schema
from tests.remedy.given import SETTINGS

TOKEN = "the-token-of-remedy"
TOLD = Writing(Part.NARRATIVE, b"The wages of two months are missing.")


@dataclass
class Engine:
    """A transit engine with one key `engage`, whose versions are in `versions`."""

    versions: list[bytes] = field(default_factory=lambda: [os.urandom(32)])
    asked: list[str] = field(default_factory=list)
    broken: int | None = None

    def encrypt(self, sent: dict[str, str]) -> dict[str, object]:
        nonce = os.urandom(12)
        plain, associated = base64.b64decode(sent["plaintext"]), base64.b64decode(sent["associated_data"])
        sealed = nonce + AESGCM(self.versions[-1]).encrypt(nonce, plain, associated)
        return {"ciphertext": f"vault:v{len(self.versions)}:{base64.b64encode(sealed).decode()}"}

    def decrypt(self, sent: dict[str, str]) -> dict[str, object]:
        _, version, coded = sent["ciphertext"].split(":")
        raw, associated = base64.b64decode(coded), base64.b64decode(sent["associated_data"])
        plain = AESGCM(self.versions[int(version[1:]) - 1]).decrypt(raw[:12], raw[12:], associated)
        return {"plaintext": base64.b64encode(plain).decode()}


@dataclass
class Service:
    address: str
    engine: Engine

    def transit(self, token: str = TOKEN, key: str = "engage") -> Transit:
        return Transit(self.address, token, key)


@pytest.fixture
def service() -> Iterator[Service]:
    """The service, on a port of its own."""
    engine = Engine()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.reply({"latest_version": len(engine.versions)} if self.path == "/v1/transit/keys/engage" else None)

        def do_POST(self) -> None:
            sent = json.loads(self.rfile.read(int(self.headers["content-length"])))
            engine.asked.append(self.path)
            does = {"/v1/transit/encrypt/engage": engine.encrypt, "/v1/transit/decrypt/engage": engine.decrypt}
            try:
                self.reply(does[self.path](sent) if self.path in does else None)
            except (InvalidTag, ValueError):
                self.reply({"errors": ["cipher: message authentication failed"]}, 400)

        def reply(self, data: dict[str, object] | None, status: int = 200) -> None:
            refused = 403 if self.headers["x-vault-token"] != TOKEN else 404 if data is None else None
            body = json.dumps({"data": data}).encode()
            self.send_response(engine.broken or refused or status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield Service(f"http://127.0.0.1:{server.server_port}", engine)
    server.shutdown()
    thread.join()
    server.server_close()


async def test_a_key_wrapped_by_the_service_opens_only_in_its_context(service: Service) -> None:
    transit = service.transit()

    wrapped = await transit.wrap(b"k" * 32, b"this case")

    assert wrapped.startswith(b"vault:v1:")
    assert await transit.unwrap(wrapped, b"this case") == b"k" * 32
    for other, context in ((wrapped, b"that case"), (wrapped[:-8] + b"AAAAAAA=", b"this case"), (b"old", b"this case")):
        with pytest.raises(KeyLost):
            await transit.unwrap(other, context)


async def test_the_wrapping_key_is_named_by_its_version(service: Service) -> None:
    assert await service.transit().current() == "engage:v1"
    service.engine.versions.append(os.urandom(32))
    assert await service.transit().current() == "engage:v2"


@pytest.mark.parametrize("broken", [403, 429, 500, 503])
async def test_no_key_counts_as_lost_while_the_service_does_not_serve(service: Service, broken: int) -> None:
    wrapped = await service.transit().wrap(b"k" * 32, b"this")
    service.engine.broken = broken

    with pytest.raises(OSError, match=str(broken)):
        await service.transit().unwrap(wrapped, b"this")


async def test_a_service_that_is_away_or_refuses_the_token_is_no_loss_either(service: Service) -> None:
    for transit in (
        Transit("http://127.0.0.1:9", TOKEN, "engage"),
        service.transit(token="another"),
        service.transit(key="x"),
    ):
        with pytest.raises(OSError, match="key management service") as error:
            await transit.wrap(b"k" * 32, b"this")
        assert TOKEN not in repr((transit, error.value))


async def test_the_vault_works_with_the_service_and_rewraps_after_its_key_was_rotated(
    service: Service, schema: Schema, keys: Schema, runtime: Runtime
) -> None:
    settings = with_service(service)
    working = Runtime("remedy", settings, schema.pool, runtime.relay, runtime.databases)
    vault, case = office_of(working).vault, uuid4()
    await vault.make_keys([case])
    sealed = await vault.seal(case, [TOLD])
    service.engine.versions.append(os.urandom(32))

    await rewrap(working)
    service.engine.versions[0] = os.urandom(32)  # as after min_decryption_version was raised

    assert await vault.open(sealed) == [TOLD.text]
    assert {row["made_with"] for row in await keys.rows("SELECT made_with FROM case_key")} == {"engage:v2"}
    assert "/v1/transit/encrypt/engage" in service.engine.asked


async def test_keys_wrapped_from_the_settings_move_to_the_service(
    service: Service, schema: Schema, keys: Schema, office: Office
) -> None:
    case = uuid4()
    await office.vault.make_keys([case])
    sealed = await office.vault.seal(case, [TOLD])
    moving = Runtime("remedy", with_service(service), schema.pool, office.runtime.relay, office.runtime.databases)

    assert await office_of(moving).vault.open(sealed) == [TOLD.text]
    await rewrap(moving)

    alone = Vault(service.transit(), keys.pool)
    assert await alone.open(sealed) == [TOLD.text]


def with_service(service: Service) -> RemedySettings:
    """Settings by which the service wraps keys."""
    changed = {"kms_address": service.address, "kms_token": TOKEN}
    return RemedySettings.model_validate(SETTINGS.model_dump() | changed)


def test_the_settings_decide_who_wraps(service: Service) -> None:
    assert isinstance(key_service(SETTINGS), KeysFromSettings)
    assert isinstance(key_service(with_service(service)), Transit)
