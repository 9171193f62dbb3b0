"""How commands ask a service: what they show, whom they show a key to, and what they say when there is no answer."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import pytest

from shared.client import CommandError, call, request

PROBLEM = {"code": "file_invalid", "detail": "Mend it.", "errors": [{"pointer": "/row", "code": "x", "remedy": "Do."}]}


class Service(BaseHTTPRequestHandler):
    """Answers as its path says, and notes what it was asked."""

    asked: ClassVar[list[tuple[str, str, str | None, bytes]]] = []
    answers: ClassVar[dict[str, tuple[int, bytes]]] = {
        "/good": (200, b'{"a": 1}'),
        "/empty": (204, b""),
        "/refused": (422, json.dumps(PROBLEM).encode()),
        "/odd": (500, b"<html>"),
        "/elsewhere": (302, b""),
    }

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.asked.append((self.command, self.path, self.headers.get("authorization"), body))
        status, content = self.answers[self.path.partition("?")[0]]
        self.send_response(status)
        if status == 302:
            self.send_header("location", "/good")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_GET  # noqa: N815 - as above

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Service]]:
    Service.asked.clear()
    server = HTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("ENGAGE_RISK_URL", f"http://127.0.0.1:{server.server_port}")
    yield Service
    server.shutdown()
    server.server_close()


def test_a_call_shows_its_key_and_returns_the_json_answered(service: type[Service]) -> None:
    assert call("risk", "POST", "/good", "the key", params={"dry_run": True, "n": 2}, json={"b": "ø"}) == {"a": 1}
    assert call("risk", "GET", "/empty", None) is None

    assert service.asked == [
        ("POST", "/good?dry_run=true&n=2", "Bearer the key", b'{"b": "\\u00f8"}'),
        ("GET", "/empty", None, b""),
    ]


def test_a_refusal_is_told_in_the_services_own_words(service: type[Service]) -> None:
    with pytest.raises(CommandError, match=r"^risk refused \(422 file_invalid\): Mend it\.\n  /row: x Do\.$"):
        call("risk", "GET", "/refused", "key")
    with pytest.raises(CommandError, match=r"^risk refused with status 500\.$"):
        call("risk", "GET", "/odd", "key")


def test_a_key_is_not_carried_to_where_a_redirect_points(service: type[Service]) -> None:
    with pytest.raises(CommandError, match="status 302"):
        call("risk", "GET", "/elsewhere", "key")

    assert [path for _, path, _, _ in service.asked] == ["/elsewhere"]


def test_a_proxy_is_not_asked_for_a_service_on_this_machine(
    service: type[Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    assert call("risk", "GET", "/good", "key") == {"a": 1}


def test_a_service_that_is_away_is_named_without_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENGAGE_RISK_URL", "http://127.0.0.1:1")

    with pytest.raises(CommandError, match=r"127\.0\.0\.1:1 does not answer \(ConnectionRefusedError\)") as told:
        call("risk", "GET", "/good", "the secret key")

    assert "the secret key" not in str(told.value)


@pytest.mark.parametrize("key", ["two\nlines", "smiling ☺"])
def test_a_key_that_cannot_be_sent_is_no_crash_and_is_not_shown(service: type[Service], key: str) -> None:
    with pytest.raises(CommandError, match="does not answer") as told:
        call("risk", "GET", "/good", key)

    assert key not in str(told.value) and service.asked == []


def test_only_web_addresses_are_opened() -> None:
    with pytest.raises(ValueError, match="http"):
        request("GET", "file:///etc/hostname", {})
