"""A stranger's words as text: what could turn a line around or steer a terminal shows as a replacement character."""

from services.remedy.domain.engagement.documents.sheet import Value

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def shown(value: Value) -> str:
    """A value as people read it; nothing as an empty text. Overrides of direction and control characters show."""
    text = "" if value is None else str(value)
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else REPLACEMENT for sign in text)
