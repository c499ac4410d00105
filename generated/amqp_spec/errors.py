# Generated from codegen/support/errors.py
#   sha256 54ff06307607b693ea99cd9a26e04d736cbf479d53c74a875198c37f86cccab3
# Do not edit: change the source and run `python -m codegen`.

"""The errors of the value model and the codec; other layers extend the same root."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping


class AmqpError(Exception):
    """Root of every error that this library raises on purpose. What there is not to tell is None."""

    scope: Any = None
    """What is lost with it: a delivery, a link, a session or the connection."""
    blame: Any = None
    """Who caused it."""
    condition: Any = None
    """The error condition (2.8.14) that was received, sent or would be told to a peer."""
    info: Mapping[Any, Any] | None = None
    """The map that a peer sent with its error."""

    @property
    def retryable(self) -> bool:
        """Whether the same may well succeed another time; not so unless a subclass says when."""
        return False


class _CodecError(AmqpError):
    """What is wrong, and in which part of the value."""

    what: str
    """The fault in words."""
    path: str
    """Where in the value, such as ``open.properties["x"]``; empty when not known."""

    def _prefix(self, part: str) -> None:
        if not self.path:
            self.path = part
        elif part:
            separator = "" if self.path.startswith("[") else "."
            self.path = f"{part}{separator}{self.path}"


class DecodeError(_CodecError):
    """Bytes that are not a legal encoding of what they should be.

    ``offset`` counts bytes from the start of the buffer that was decoded, None when it is not known.
    """

    # 2.8.15
    condition = "amqp:decode-error"

    def __init__(self, what: str, offset: int | None = None, path: str = "") -> None:
        super().__init__(what, offset, path)
        self.what = what
        self.offset = offset
        self.path = path

    def within(self, part: str, shift: int = 0) -> Self:
        """Say that the fault lies inside ``part``, which begins ``shift`` bytes into the buffer; returns itself.

        For callers further up: ``except DecodeError as error: raise error.within("open")``.
        """
        self._prefix(part)
        if self.offset is not None:
            self.offset += shift
        return self

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        offset = "" if self.offset is None else f" at offset {self.offset}"
        return f"{where}{self.what}{offset}"


class RegistrationError(AmqpError):
    """A class that cannot be registered for a described type; the text says why, and what to do."""


class EncodeError(_CodecError):
    """A value that has no legal encoding; raised before anything is written."""

    def __init__(self, what: str, path: str = "") -> None:
        super().__init__(what, path)
        self.what = what
        self.path = path

    def within(self, part: str) -> Self:
        """Say that the fault lies inside ``part``; returns itself."""
        self._prefix(part)
        return self

    def __str__(self) -> str:
        return f"{self.path}: {self.what}" if self.path else self.what
