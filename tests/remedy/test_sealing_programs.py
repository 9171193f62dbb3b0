"""The programs under `deploy/sealing` seal without our code; what they seal is opened with ours."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

import deploy
from services.remedy.domain.references import key_id_of, receipt_as_written
from shared import sealing
from shared.events import members
from shared.events.envelope import decode_data
from shared.events.sealed import read_box
from tests.remedy.given import PRIVATE_KEY, PUBLIC_KEY

PROGRAMS = Path(str(deploy.__file__)).parent / "sealing"
TEXT = 'Wages of "two months" \\ are missing:\n\tAugust, September. Ça suffit, 欠勤 \N{FACTORY}\N{DELETE}'
WHOLE = {"narrative": TEXT, "identity": "Ana Example", "workers": 14, "attachments": []}

Run = Callable[[Sequence[str], str], "subprocess.CompletedProcess[str]"]


def fetched(command: Sequence[str], folder: Path) -> None:
    """Run what fetches a library. Raises AssertionError with what it said."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, f"{command[0]} could not fetch what {folder.name} needs:\n{done.stdout}{done.stderr}"


def found(program: str) -> str:
    """A program of this machine. Where it is missing the test is skipped and says so: the project itself needs none."""
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"{program} is not on the PATH: what is given to senders in its language is NOT tried here")
    return path


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """How `seal.py` is run."""
    return [sys.executable, str(copy_to(tmp_path_factory.mktemp("python"), "seal.py"))]


@pytest.fixture(scope="module")
def javascript(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """How `seal.mjs` is run: its libraries are exactly those of the lock file."""
    folder = tmp_path_factory.mktemp("javascript")
    copy_to(folder, "package.json", "package-lock.json")
    fetched([found("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder)
    return [found("node"), str(copy_to(folder, "seal.mjs"))]


@pytest.fixture(scope="module")
def java(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """How `Seal.java` is run: its library is exactly the pinned one. A file is run by a JDK only."""
    found("javac")
    folder = tmp_path_factory.mktemp("java")
    copy_to(folder, "pom.xml")
    goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory=lib"]
    fetched([found("mvn"), "-B", "-q", *goal], folder)
    lines = (PROGRAMS / "jars.sha256").read_text().splitlines()
    pinned = {name: digest for digest, name in map(str.split, lines)}
    assert {jar.name: hashlib.sha256(jar.read_bytes()).hexdigest() for jar in (folder / "lib").iterdir()} == pinned
    return [found("java"), "-cp", f"{folder}/lib/*", str(copy_to(folder, "Seal.java"))]


def copy_to(folder: Path, *names: str) -> Path:
    """Copies of files, so that nothing is made in the project; the last of them."""
    for name in names:
        shutil.copy(PROGRAMS / name, folder)
    return folder / names[-1]


@pytest.fixture(params=["python", "javascript", "java"])
def sealed_by(request: pytest.FixtureRequest, tmp_path: Path) -> Run:
    """Seals a text with one of the programs; the key is given as the text says."""
    command = request.getfixturevalue(request.param)

    def run(arguments: Sequence[str], text: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*command, *arguments],
            input=text,
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            timeout=60,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        )

    return run


ANNOUNCED = json.dumps({"key": "x", "public_key": PUBLIC_KEY}, indent=1)


@pytest.mark.parametrize(
    ("announced", "text"),
    [(PUBLIC_KEY + "\n", TEXT), (ANNOUNCED, json.dumps(WHOLE, ensure_ascii=False))],
    ids=["a text to a key", "a document to what the service answers"],
)
def test_what_a_program_seals_fits_the_door_and_is_read_whole(
    sealed_by: Run, tmp_path: Path, announced: str, text: str
) -> None:
    (tmp_path / "key").write_text(announced)

    done = sealed_by(["key", "grievance"], text)

    assert done.returncode == 0, done.stderr
    event = json.loads(done.stdout)
    data = decode_data(members.TestimonySubmitted, json.dumps(event["data"]).encode())
    assert (event["type"], event["source"], event["time"][10:]) == (data.type, "urn:engage:sealed", "T00:00:00Z")
    assert (data.kind, data.key) == ("grievance", key_id_of(PUBLIC_KEY))
    assert sealing.looks_sealed(data.sealed)
    box = read_box(sealing.open_box(data.sealed, PRIVATE_KEY, sealing.TESTIMONY))
    assert box.narrative == TEXT
    assert box.identity == (None if text is TEXT else "Ana Example")
    assert box.receipt is not None and receipt_as_written(box.receipt) == box.receipt
    assert done.stderr.strip() == f"Receipt: {box.receipt}"
    assert "August" not in done.stdout + done.stderr


def test_a_programs_box_has_the_length_of_its_size_class_and_its_limit_holds(sealed_by: Run, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(PUBLIC_KEY)

    boxes = [json.loads(sealed_by(["key", "flag"], "x" * size).stdout)["data"]["sealed"] for size in (3000, 5000)]
    too_large = sealed_by(["key", "flag"], "x" * 131_072)

    empty = [len(sealing.seal(bytes(size), PUBLIC_KEY, sealing.TESTIMONY)) for size in (1, 4097)]
    assert [len(box) for box in boxes] == empty
    assert too_large.returncode != 0 and too_large.stdout == ""


def test_no_lock_file_names_an_address() -> None:
    lock = json.loads((PROGRAMS / "package-lock.json").read_text())

    libraries = {name: one for name, one in lock["packages"].items() if name}
    assert all("resolved" not in one and one["integrity"].startswith("sha512-") for one in libraries.values())
    assert "://" not in json.dumps(lock)
