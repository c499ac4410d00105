"""The standard's kebab-case names as Python writes them."""

from __future__ import annotations

import keyword

# Names that a field of a generated class cannot have, because the class has a method or constant of that name.
TAKEN_IN_CLASSES = frozenset({"encode", "encode_plainly", "decode"})


def snake(name: str) -> str:
    """`container-id` -> `container_id`; a reserved word gets a trailing underscore."""
    text = name.replace("-", "_").replace(".", "_").replace(":", "_").lower()
    return text + "_" if keyword.iskeyword(text) or text in TAKEN_IN_CLASSES else text


def camel(name: str) -> str:
    """`sender-settle-mode` -> `SenderSettleMode`; a reserved word gets a trailing underscore."""
    words = name.replace("_", "-").replace(".", "-").split("-")
    text = "".join(word[:1].upper() + word[1:] for word in words)
    return text + "_" if keyword.iskeyword(text) else text


def scream(name: str) -> str:
    """`min-max-frame-size` -> `MIN_MAX_FRAME_SIZE`; a reserved word gets a trailing underscore."""
    text = name.replace("-", "_").replace(".", "_").upper()
    return text + "_" if keyword.iskeyword(text) else text


def class_name(name: str, provides: tuple[str, ...], *, chosen: bool) -> str:
    """Return the class of a type; choices of error conditions say that they are such."""
    return camel(name) + ("Condition" if chosen and "error-condition" in provides else "")
