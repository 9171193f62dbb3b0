"""What an operator orders at the beginning of the year: members and working groups."""

from typing import Any

from tests.remedy.engagement.year.generating import BOUND, CATEGORIES, SECRETARIAT, SUPPLIERS


def member_order(member: str) -> dict[str, Any]:
    """How a member is registered."""
    kind = "secretariat" if member == SECRETARIAT else "buyer"
    laws = ["transparency_act"] if member in BOUND else []
    return {"member": member, "name": f"Example {member}", "kind": kind, "country": "NO", "bound_by": laws}


def group_order(group: str, parts: dict[str, str]) -> dict[str, Any]:
    """How a group is established."""
    return {
        "workinggroup": group,
        "name": f"Example group on {group}",
        "purpose": "To engage common suppliers together.",
        "secretariat": SECRETARIAT,
        "founding": {"cause": "compliance_concern", "reason": "Several members were told of the same."},
        "categories": [CATEGORIES[group]],
        "suppliers": list(SUPPLIERS),
        "members": [{"member": member, "role": role} for member, role in parts.items()],
    }
