"""What reporters type: with a receipt, and nothing else, they follow their case, answer, object, withdraw, erase."""

import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from services.remedy.commands.boxes import METADATA, Told, box_of, encoded, inventory, known_receipt, read, text_of
from services.remedy.commands.options import AsJson, harmless, print_json
from services.remedy.commands.sealing import Attach, KeyFile, announced_key, text_option, write_privately
from services.remedy.commands.telling import tell, tell_ladder
from shared import sealing
from shared.client import CommandError, call

Rung = Literal["employer", "brand", "members", "public"]
Pressure = Literal["no", "yes", "not_said"]
Pressed = Annotated[
    Pressure | None, typer.Option(help="Whether anybody presses you to do this; asked for if left out.")
]
Copied = Literal["taken", "declined"]
ReceiptFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="A file with the receipt; else it is asked for. Never type it as an argument."),
]
reports = typer.Typer(
    no_args_is_help=True,
    help="Your own case, with the receipt that `engage seal` showed you. Needs no key and no name.",
)


@reports.command("status")
def status(receipt_file: ReceiptFile = None, as_json: AsJson = False) -> None:
    """Show how far your case is, what comes next and by when, what you may do, and what was written to you.

    Example: `engage report status`
    """
    found = at_door("case", receipt_file)
    if as_json:
        print_json(found)
        return
    tell(found["standing"])
    for message in found["messages"]:
        sys.stdout.write(f"\n{message['on']} {message['by']}:\n{harmless(message['text'])}\n")


@reports.command("write")
def write(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Your answer or addition; - for standard input.")],
    key: KeyFile = None,
    attach: Attach = None,
    reprisal: Annotated[bool, typer.Option("--reprisal", help="It tells of reprisal: somebody looks at once.")] = False,
    identity: Annotated[Path | None, text_option("Names, kept with who speaks.")] = None,
    receipt_file: ReceiptFile = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be inside; send nothing.")] = False,
) -> None:
    """Answer a question or add something. It is sealed on this machine before it is sent.

    Example: `engage report write answer.txt`
    """
    box = box_of(read(file), Told({"identity": identity}, attach=attach or (), reprisal=reprisal))
    if dry_run:
        print_json(inventory(box))
        return
    sealed = sealing.seal(encoded(box), announced_key(key), sealing.TESTIMONY)
    at_door("messages", receipt_file, sealed=sealed)
    sys.stdout.write("Sent, sealed.\n" + (METADATA + "\n" if attach else ""))


@reports.command("object")
def object_to_closure(
    take_back: Annotated[bool, typer.Option("--take-back", help="Object no longer.")] = False,
    receipt_file: ReceiptFile = None,
) -> None:
    """Object to the closure of your case: it is not closed while you object.

    Example: `engage report object`
    """
    at_door("objection/withdraw" if take_back else "objection", receipt_file)
    sys.stdout.write("You object no longer.\n" if take_back else "Your objection stands until it is heard.\n")


@reports.command("withdraw")
def withdraw(
    pressure: Pressed = None,
    receipt_file: ReceiptFile = None,
) -> None:
    """Ask for your case to be withdrawn. You are asked first whether anybody presses you to.

    Example: `engage report withdraw --pressure no`
    """
    standing = at_door("withdraw", receipt_file, pressure=pressure or asked_about_pressure())
    pressed = standing["withdrawal"] == "yes"
    sys.stdout.write(
        "It is noted that you are pressed: the case is kept, and its handlers are told.\n"
        if pressed
        else "Your wish is noted; a handler completes it.\n"
    )


def asked_about_pressure() -> str:
    """What the reporter types when asked whether anybody presses them."""
    return str(typer.prompt("Is anybody pressing you to do this? (no, yes, not_said)", err=True))


@reports.command("consent")
def consent(
    rung: Annotated[Rung, typer.Argument(help="Who may be told.")],
    given: Annotated[bool, typer.Option("--yes/--no", help="Whether you agree.")],
    receipt_file: ReceiptFile = None,
) -> None:
    """Agree, or no longer agree, that somebody is told. What you take back is taken back there, too.

    Example: `engage report consent employer --no`
    """
    tell_ladder(at_door("consents", receipt_file, rung=rung, given=given))


@reports.command("rung")
def take_rung(
    rung: Annotated[Rung, typer.Argument(help="Which step of the ladder of publication.")],
    step: Annotated[Literal["waived", "reversed"], typer.Argument(help="Leave it out, or take it back.")],
    receipt_file: ReceiptFile = None,
) -> None:
    """Leave a step of the ladder out, so that a later one may hear first, or take one back.

    Example: `engage report rung employer waived`
    """
    tell_ladder(at_door("ladder", receipt_file, rung=rung, step=step))


@reports.command("appeal")
def appeal(receipt_file: ReceiptFile = None) -> None:
    """Appeal against a finding, or against that your case is not processed; somebody else decides.

    Example: `engage report appeal`
    """
    at_door("appeal", receipt_file)
    sys.stdout.write("Your appeal is lodged; somebody who has not handled the case decides.\n")


@reports.command("copy")
def copy(
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where to write it; only you can read the file.")],
    receipt_file: ReceiptFile = None,
) -> None:
    """Take a copy of all that you said and were told, and of the record: JSON, in plain, on this machine.

    Example: `engage report copy --out copy.json`
    """
    write_privately(out, json.dumps(at_door("copy", receipt_file), indent=2, ensure_ascii=False) + "\n")
    sys.stdout.write(f"Written to {out}. It is not sealed: keep it where no employer finds it.\n")


@reports.command("erase")
def erase(
    what: Annotated[Literal["content", "identity"], typer.Option(help="All of it, or only who speaks.")] = "content",
    copied: Annotated[Copied | None, typer.Option(help="Whether you took the copy that is offered first.")] = None,
    pressure: Pressed = None,
    receipt_file: ReceiptFile = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say whether it could be; erase nothing.")] = False,
) -> None:
    """Have your case erased: afterwards nobody can read it, neither you. It cannot be undone.

    You are asked first whether anybody presses you to. Where the employer was spoken to, the watch for retaliation ends
    with the content; with --what identity it goes on.

    Example: `engage report copy --out copy.json`, then `engage report erase --copied taken`
    """
    if dry_run:
        against = at_door("case", receipt_file)["standing"]["may"]["erase"]
        sys.stdout.write("It could be erased.\n" if not against else f"Not now: {', '.join(against)}.\n")
        return
    said = pressure or (asked_about_pressure() if copied else None)  # the copy is offered before
    at_door("erase", receipt_file, what=what, copied=copied, pressure=said)
    sys.stdout.write("It is being erased: within moments nobody can read it any more.\n")


@reports.command("survey")
def survey(
    answer: Annotated[
        list[str] | None, typer.Option(metavar="CODE=1..5", help="An answer; may be repeated. Asked for if left out.")
    ] = None,
    receipt_file: ReceiptFile = None,
) -> None:
    """Say what you think of this mechanism: 1 (not at all) to 5 (fully). Answers are counted; none leads to your case.

    Example: `engage report survey --answer predictable=4 --answer safe=2`
    """
    given = dict(one.partition("=")[::2] for one in answer or ()) or asked_for()
    if not all(grade.isdecimal() for grade in given.values()):
        raise CommandError("Answer with CODE=1 to CODE=5, such as predictable=4.")
    at_door("survey", receipt_file, answers={code: int(grade) for code, grade in given.items()})
    sys.stdout.write("Thank you. Your answers are counted, and lead to no case.\n")


def asked_for() -> dict[str, str]:
    """The answers typed to each question; an empty one is left out."""
    questions = call("remedy", "GET", "/door/survey", None)
    typed = {one["code"]: typer.prompt(f"{one['text']} (1-5)", default="", err=True) for one in questions}
    return {code: grade.strip() for code, grade in typed.items() if grade.strip()}


def at_door(path: str, receipt_file: Path | None, **said: Any) -> Any:
    """What the door answers. Raises CommandError in its words, or where the receipt is mistyped, before it is sent."""
    body = {"receipt": receipt_of(receipt_file)} | {name: value for name, value in said.items() if value is not None}
    return call("remedy", "POST", f"/door/{path}", None, json=body)


def receipt_of(file: Path | None) -> str:
    """The receipt: from a file, from ENGAGE_RECEIPT_FILE, or typed unseen. Raises CommandError where it is none."""
    kept = file or os.environ.get("ENGAGE_RECEIPT_FILE")
    typed = text_of(Path(kept)) if kept else typer.prompt("Receipt", hide_input=True, err=True)
    return known_receipt(typed)
