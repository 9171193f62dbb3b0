"""The doors as the corpus tries them: what was answered to each case, in the words in which cases say what is right."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from shared.topics import ensure_topics, workinggroup_topics
from tests.corpus.cases import Case, bytes_of
from tests.corpus.events import event, flag, good
from tests.corpus.workbooks import workbook_of
from tests.ingest.conftest import OPERATOR
from tests.ingest.given import DISCLOSURE
from tests.ingest.kafka_door import STRUCTURED, KafkaDoor, binary
from tests.shared.chain import Raw, consume_all, producer

Answer = dict[str, Any]


FORMED: Answer = {
    "suppliers": ["Example Mining"],
    "founding": {"cause": "compliance_concern", "reason": "Children were seen at a mine."},
}


@dataclass
class Lab:
    """Open doors with a member for each, in one working group."""

    door: KafkaDoor
    client: httpx.AsyncClient
    members: dict[str, str] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    said: list[tuple[str, bytes]] = field(default_factory=list)
    """By case: everything that was answered, byte for byte."""

    async def furnish(self) -> None:
        """Members, a working group with a supplier, a receipt and a key that was revoked."""
        for role in ("http", "kafka", "other"):
            self.members[role] = await self.door.new_member()
        await self.form_groups()
        await self.follow_up()
        key = await self.operate("POST", f"/members/{self.members['http']}/keys", json={"purposes": ["publish"]})
        await self.operate("DELETE", f"/members/{self.members['http']}/keys/{key['kid']}")
        self.words |= {"REVOKED": key["key"], "OPERATOR": OPERATOR}
        self.words |= {"OTHER_KEY": self.key("other"), "KEY": self.key("http")}

    async def form_groups(self) -> None:
        """The group of two members with a supplier, its site and a practice; one without them; and a closed one."""
        for word in ("GROUP", "OTHERS", "CLOSED"):
            self.words[word] = group = f"{word[0].lower()}{self.members['http'][1:]}"
            await ensure_topics(self.door.bootstrap, workinggroup_topics(group))
            parts = ("http", "kafka") if word != "OTHERS" else ()
            order: Answer = {"workinggroup": group, "name": "Group", "purpose": "Cobalt."} | FORMED
            order["members"] = [{"member": self.members[role]} for role in parts]
            order["secretariat"] = self.members["other"]
            made = await self.operate("POST", "/workinggroups", json=order)
            self.words["SUPPLIER"] = made["suppliers"]["Example Mining"]
        await self.operate("POST", f"/workinggroups/{self.words['CLOSED']}/closure", json={})
        practice = good("practice.described.v1") | {"id": "for a practice"}
        practice["data"] |= {"workinggroup": self.words["GROUP"], "supplier": self.words["SUPPLIER"]}
        disclosed = event("disclosure.submitted.v1", DISCLOSURE, id="for a site")
        told = await self.door.post(self.members["http"], practice, disclosed)
        self.words["PRACTICE"] = told[0]["entry"]
        self.words["SITE"] = (await self.operate("GET", "/registry/sites"))["items"][0]["id"]

    async def follow_up(self) -> None:
        """A contract of each of two members, which the Transparency Act binds."""
        contract = {"reference": "corpus", "level": "call_off", "supplier": {"name": "Example Mining"}}
        for role in ("http", "kafka"):
            await self.operate("PATCH", f"/members/{self.members[role]}", json={"bound_by": ["transparency_act"]})
            await self.door.post(self.members[role], event("contract.registered.v1", contract, id="for a contract"))

    def key(self, role: str) -> str:
        return self.door.keys[self.members[role]]

    async def operate(self, method: str, path: str, **given: Any) -> Any:
        answer = await self.client.request(method, path, headers={"authorization": f"Bearer {OPERATOR}"}, **given)
        assert answer.is_success, answer.text
        return answer.json()

    def filled(self, content: bytes, case: Case) -> bytes:
        """The input with what is known only now; longer words first, for one may begin as another does."""
        now = datetime.now(UTC)
        words = self.words | {"ID": case.id}
        words |= {f"IN_{minutes}_MINUTES": (now + timedelta(minutes=minutes)).isoformat() for minutes in (4, 10)}
        for word in sorted(words, key=len, reverse=True):
            content = content.replace(f"${word}".encode(), words[word].encode())
        return content

    async def post(self, case: Case, body: bytes, role: str = "http", **headers: str) -> httpx.Response:
        """Send an event by HTTP."""
        given = {"authorization": f"Bearer {self.key(role)}", "content-type": STRUCTURED} | headers
        answer = await self.client.post("/events", content=body, headers=given)
        self.said.append((case.id, answer.content))
        return answer

    async def by_http(self, case: Case) -> Answer:
        """What was answered to an event."""
        return told(await self.post(case, self.filled(bytes_of(case.input["event"]), case)))

    async def send_all(self, case: Case) -> Answer:
        """What was answered to each of several events: its outcome, or why it was refused."""
        found = []
        for step in case.input["sends"]:
            event: Answer = json.loads(self.filled(json.dumps(step["event"]).encode(), case))
            role = "other" if step["by"] == "other" else "http"
            headers: dict[str, str] = {}
            body = json.dumps(event).encode()
            if step["by"] == "binary":
                raw = binary(event)
                headers = {name.replace("ce_", "ce-"): (value or b"").decode() for name, value in raw.headers}
                headers, body = {name: headers[name] for name in headers if name != "traceparent"}, raw.value or b""
            answer = told(await self.post(case, body, role, **headers))
            found.append(answer["outcome"] if not answer["errors"] else answer["errors"][0][0])
        return {"outcomes": found}

    async def request(self, case: Case) -> Answer:
        """The status of a request, and the code where it is refused."""
        sent = case.input["request"]
        if "$RECEIPT" in sent["path"] and "RECEIPT" not in self.words:
            answer = await self.post(case, json.dumps(flag(id="for a receipt")).encode())
            self.words["RECEIPT"] = str(answer.json()["receipts"][0]["receipt"])
        headers = {name: self.filled(value.encode(), case) for name, value in sent["headers"].items() if value}
        body = self.filled(bytes_of(sent["body"]), case)
        path = self.filled(sent["path"].encode(), case).decode()
        request = self.client.build_request(sent["method"], path, headers=headers, content=body or None)
        answer = await self.client.send(request)
        self.said.append((case.id, answer.content))
        problem = answer.headers.get("content-type", "") == "application/problem+json"
        return {"status": answer.status_code, "code": answer.json()["code"] if problem else None}

    async def import_file(self, case: Case) -> Answer:
        """What was answered to a file: counts, and what is wrong by code, row and column."""
        sent = case.input["file"]
        content = self.filled(file_of(sent["content"], case), case)
        query = {"filename": "list.csv", "list": case.id, "edition": "2026"} | sent["query"]
        headers = {"authorization": f"Bearer {self.key('http')}"}
        answer = await self.client.post("/imports", params=query, content=content, headers=headers)
        self.said.append((case.id, answer.content))
        body = answer.json()
        errors = [[one["code"], one.get("row"), one.get("column")] for one in body.get("errors", ())]
        if "code" in body:
            return {"status": answer.status_code, "code": body["code"], "errors": errors}
        return {"status": answer.status_code} | {name: body[name] for name in COUNTS} | {"errors": errors}

    async def by_kafka(self, cases: Sequence[Case]) -> list[Answer]:
        """What was answered to each record, in the order of the cases."""
        member = self.members["kafka"]
        async with producer(self.door.bootstrap) as sender:
            sent = []
            for case in cases:
                raw = self.raw(case)
                sent.append(await sender.send(f"intake.{member}", raw.value, raw.key, headers=raw.headers))
            offsets = [place.offset for place in await asyncio.gather(*sent)]
        answers = {one.record.offset: one for one in await self.door.answers(member, len(cases))}
        for record in await consume_all(self.door.bootstrap, f"outcome.{member}"):
            self.said.append(("kafka", (record.value or b"") + str(record.headers).encode()))
        errors = {
            offset: [[one.code, one.pointer or ""] for one in answer.objections] for offset, answer in answers.items()
        }
        return [{"outcome": answers[offset].outcome.value, "errors": errors[offset]} for offset in offsets]

    def raw(self, case: Case) -> Raw:
        """The record of a case."""
        if "event" in case.input:
            value = self.filled(bytes_of(case.input["event"]), case)
            return Raw(None, [("content-type", STRUCTURED.encode())], value)
        record = case.input["record"]
        headers = [(name, self.filled(bytes_of(value), case)) for name, value in record["headers"]]
        content = None if record["value"] is None else self.filled(bytes_of(record["value"]), case)
        key = record["key"] or (None if content else "key")
        return Raw(None if key is None else key.encode(), headers, content)


COUNTS = ("rows", "accepted", "duplicate")


def file_of(content: Any, case: Case) -> bytes:
    """The bytes of a file; those of a spreadsheet cannot be filled in afterwards."""
    if isinstance(content, dict) and "base64" not in content:
        return workbook_of(json.loads(json.dumps(content).replace("$ID", case.id)))
    return bytes_of(content)


def told(answer: httpx.Response) -> Answer:
    """The answer to one event, as cases have it."""
    body = answer.json()
    if "receipts" not in body:
        return {"outcome": "rejected", "status": answer.status_code, "errors": [[body["code"], ""]]}
    (receipt,) = body["receipts"]
    errors = [[error["code"], error["pointer"]] for error in receipt["errors"]]
    return {"outcome": receipt["outcome"], "status": answer.status_code, "errors": errors}
