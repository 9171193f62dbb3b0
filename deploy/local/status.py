"""What a stack is doing at this moment, asked of its parts."""

from concurrent.futures import ThreadPoolExecutor

from pydantic import BaseModel

from deploy.local.state import SERVICES, State, StateFolder, service_url
from deploy.local.waiting import accepts
from shared.client import NO_ANSWER, request


class KafkaStatus(BaseModel):
    """Where the broker is; null when this stack never ran."""

    bootstrap: str | None


class PostgresStatus(BaseModel):
    """Where the database is, and those that are apart from it, by role; the DSNs hold no password."""

    dsn: str | None
    databases: dict[str, str] = {}


class SmtpStatus(BaseModel):
    """Where the mail sink is and where it keeps what it got."""

    host: str
    port: int | None
    mailbox: str


class ServiceStatus(BaseModel):
    """What a service says about itself; the last three are null when it does not answer."""

    url: str | None
    pid: int | None
    ready: bool
    lag: int | None = None
    outbox: int | None = None
    dead_letters: int | None = None


class Status(BaseModel):
    """The whole stack. `ready` holds when every service is and the supervisor and every engine run."""

    ready: bool
    kafka: KafkaStatus
    postgres: PostgresStatus
    smtp: SmtpStatus
    services: dict[str, ServiceStatus]


class Readiness(BaseModel):
    """The body of a service's /readyz, as far as it is shown here."""

    ready: bool = True
    lag: int | None = None
    outbox: int | None = None
    dead_letters: int | None = None


def status_of(folder: StateFolder) -> Status:
    """Ask every part of the stack; a part that does not answer within two seconds is not ready."""
    state = folder.read()
    running = folder.is_held()
    names = state.services or list(SERVICES)
    with ThreadPoolExecutor(max_workers=max(1, len(names))) as pool:
        services = dict(zip(names, pool.map(lambda name: _service(state, name, running), names), strict=True))
    kafka, smtp = state.ports.get("kafka"), state.ports.get("smtp")
    engines = [name for name in ("kafka", "postgres", "smtp") if name != "postgres" or name in state.children]
    engines_up = all(name in state.ports and accepts(state.ports[name]) for name in engines) if running else False
    return Status(
        ready=running and engines_up and all(service.ready for service in services.values()),
        kafka=KafkaStatus(bootstrap=f"127.0.0.1:{kafka}" if kafka else None),
        postgres=PostgresStatus(dsn=state.postgres, databases=state.databases),
        smtp=SmtpStatus(host="127.0.0.1", port=smtp, mailbox=str(folder.mailbox)),
        services=services,
    )


def _service(state: State, name: str, running: bool) -> ServiceStatus:
    port, child = state.ports.get(name), state.children.get(name)
    url = service_url(port) if port else None
    pid = child.pid if child is not None and child.running() else None
    answer = _ask(url) if running and url else None
    if answer is None:
        return ServiceStatus(url=url, pid=pid, ready=False)
    return ServiceStatus(url=url, pid=pid, **answer.model_dump())


def _ask(url: str) -> Readiness | None:
    try:
        response = request("GET", f"{url}/readyz", {}, timeout=2)
        answer = Readiness.model_validate_json(response.body)
    except NO_ANSWER:
        return None
    return answer.model_copy(update={"ready": response.is_success})
