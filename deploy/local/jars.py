"""Apache Kafka's jars: fetched by Maven once per user, and used only if each is exactly the one that is pinned."""

import fcntl
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.errors import StackError
from deploy.local.processes import complete

VERSION = "4.3.1"
OLDEST_JAVA = 17
PINNED = Path(__file__).parents[1] / "kafka"


def cache_folder() -> Path:
    """Where downloads are kept per user: $ENGAGE_CACHE, else $XDG_CACHE_HOME/engage, else ~/.cache/engage."""
    if chosen := os.environ.get("ENGAGE_CACHE"):
        return Path(chosen).absolute()
    if shared := os.environ.get("XDG_CACHE_HOME"):
        return Path(shared).absolute() / "engage"
    return Path.home() / ".cache" / "engage"


def require_java() -> str:
    """The `java` on the path, of version 17 or later; raises StackError when there is none."""
    java = shutil.which("java")
    if java is None:
        raise StackError(
            "kafka", "java is not on the PATH. Install Java 17 or later (Debian: apt install openjdk-17-jre-headless)."
        )
    told = complete([java, "-version"]).stderr
    version = re.search(r'version "(\d+)', told)
    if version is None or int(version.group(1)) < OLDEST_JAVA:
        raise StackError(
            "kafka", f"{java} is older than Java 17, which Kafka {VERSION} needs. Put a newer one first on the PATH."
        )
    return java


def ensure_jars(report: Callable[[str], None]) -> Path:
    """The folder with exactly the pinned jars, downloading them first where they are missing.

    An interrupted download leaves nothing that a later one would take for whole, and two stacks never download at once.
    Raises StackError when Maven is missing or fails, or when a jar differs from its pinned SHA-256.
    """
    cache = cache_folder()
    folder = cache / f"kafka-{VERSION}"
    with _alone(cache / f"kafka-{VERSION}.lock"):
        if not folder.is_dir():
            _download(folder, report)
    check_jars(folder, f"Delete {folder} and start again: it is then downloaded afresh.")
    return folder


def check_jars(folder: Path, remedy: str) -> None:
    """Raise StackError unless the folder holds exactly the pinned jars: none missing, none more, none altered."""
    pinned = {name: digest for digest, name in map(str.split, (PINNED / "jars.sha256").read_text().splitlines())}
    found = {jar.name: hashlib.sha256(jar.read_bytes()).hexdigest() for jar in folder.iterdir()}
    wrong = sorted(name for name in pinned.keys() | found.keys() if pinned.get(name) != found.get(name))
    if wrong:
        names = ", ".join(wrong[:5]) + (" and others" if len(wrong) > 5 else "")
        raise StackError("kafka", f"Kafka's jars in {folder} are not the pinned ones: {names}. {remedy}")


def _download(folder: Path, report: Callable[[str], None]) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise StackError(
            "kafka", "mvn is not on the PATH. Install Maven, which fetches Kafka (Debian: apt install maven)."
        )
    report(f"kafka: fetching version {VERSION} (44 MB, once per user) into {folder}")
    for partial in folder.parent.glob(f"{folder.name}.partial-*"):
        shutil.rmtree(partial)
    partial = Path(tempfile.mkdtemp(prefix=f"{folder.name}.partial-", dir=folder.parent))
    try:
        _copy_dependencies(maven, partial)
        check_jars(
            partial, f"Your Maven repository serves other files than {PINNED / 'jars.sha256'} pins; do not use them."
        )
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _copy_dependencies(maven: str, target: Path) -> None:
    goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={target}"]
    command = [maven, "-B", "-q", "-f", str(PINNED / "pom.xml"), *goal]
    done = complete(command)
    if done.returncode != 0:
        tail = "\n".join(f"  {line}" for line in (done.stdout + done.stderr).splitlines()[-8:])
        raise StackError(
            "kafka", f"Maven could not fetch Kafka; look at its network or proxy settings and try again:\n{tail}"
        )


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
