# Generated from amqp-1.0-xml/security.xml
#   sha256 69fc9e8072e0ea60eeca2b99b1983c81cfee809e5bb511c709dc277f2114f326
# Do not edit: change the source and run `python -m codegen`.

"""5: The layers below AMQP that encrypt a connection and authenticate its users."""

from __future__ import annotations

from enum import IntEnum
from typing import Any, ClassVar, Final, TypeVar

from .classes import Record, new, performative
from .codec import decode_composite
from .primitives import (
    list_form,
    list_head,
    read_binary,
    read_binary_or,
    read_multiple,
    read_string_or,
    read_symbol,
    read_ubyte,
    read_ubyte_or,
    write_binary,
    write_binary_or_null,
    write_multiple,
    write_string_or_null,
    write_symbol,
    write_ubyte,
)
from .reading import (
    FAULTS,
    PERFORMATIVE,
    Scope,
    excess,
    misfit,
    missing,
    unlisted,
)
from .skipping import read_fault
from .writing import (
    NULL,
    WRITE_FAULTS,
    not_a_choice,
    write_fault,
)

D = TypeVar("D")

TLS_MAJOR: Final = 1
"""5.2.2: The major version in the TLS protocol header."""

TLS_MINOR: Final = 0
"""5.2.2: The minor version in the TLS protocol header."""

TLS_REVISION: Final = 0
"""5.2.2: The revision in the TLS protocol header."""

SASL_MAJOR: Final = 1
"""5.3.4: The major version in the SASL protocol header."""

SASL_MINOR: Final = 0
"""5.3.4: The minor version in the SASL protocol header."""

SASL_REVISION: Final = 0
"""5.3.4: The revision in the SASL protocol header."""


class SaslCode(IntEnum):
    """5.3.3.6: How an authentication ended."""

    OK = 0
    """5.3.3.6: The client is authenticated."""

    AUTH = 1
    """5.3.3.6: The credentials were refused; trying again with the same ones is of no use."""

    SYS = 2
    """5.3.3.6: The server could not check the credentials, through a fault of its own."""

    SYS_PERM = 3
    """5.3.3.6: As sys, and it will last until somebody mends the server."""

    SYS_TEMP = 4
    """5.3.3.6: As sys, and it will pass: try again later."""


_SaslCode_MEMBERS: dict[int, SaslCode] = {
    0: SaslCode.OK,
    1: SaslCode.AUTH,
    2: SaslCode.SYS,
    3: SaslCode.SYS_PERM,
    4: SaslCode.SYS_TEMP,
}


def read_sasl_code(data: bytes, at: int) -> tuple[SaslCode, int]:
    """Read a choice of sasl-code."""
    value, after = read_ubyte(data, at)
    member = _SaslCode_MEMBERS.get(value)
    if member is None:
        raise unlisted("sasl-code", value, at)
    return member, after


def read_sasl_code_or(data: bytes, at: int, default: D) -> tuple[SaslCode | D, int]:
    """Read a choice of sasl-code; null is the default."""
    value, after = read_ubyte_or(data, at, None)
    if value is None:
        return default, after
    member = _SaslCode_MEMBERS.get(value)
    if member is None:
        raise unlisted("sasl-code", value, at)
    return member, after


def write_sasl_code(value: int) -> bytes:
    """Write a choice of sasl-code."""
    encoded = write_ubyte(value)
    if value not in _SaslCode_MEMBERS:
        raise not_a_choice("sasl-code", value, _SaslCode_MEMBERS)
    return encoded


def write_sasl_code_or_null(value: int | None) -> bytes:
    """Write a choice of sasl-code or null."""
    return NULL if value is None else write_sasl_code(value)


@performative
class SaslMechanisms(Record):
    """5.3.3.1: The server's first SASL frame: the mechanisms that the client can choose from. ``amqp:sasl-
    mechanisms:list``, 0x40.
    """

    DESCRIPTOR: ClassVar[int] = 0x40
    SYMBOL: ClassVar[str] = "amqp:sasl-mechanisms:list"
    NAME: ClassVar[str] = "sasl-mechanisms"
    sasl_server_mechanisms: tuple[str, ...]
    """5.3.3.1: Names of the mechanisms that the server takes, the preferred first; there is at least one."""

    def encode(self) -> bytes:
        """Return the described list. Raises EncodeError when a field has a value that it cannot hold."""
        count = 1
        parts: list[bytes] = []
        try:
            parts.append(write_multiple("symbol", self.sasl_server_mechanisms))
        except WRITE_FAULTS as error:
            raise write_fault(error, "sasl-mechanisms", _SaslMechanisms_FIELDS[len(parts)]) from None
        return b"\x00\x53\x40" + list_form(count, parts)

    @classmethod
    def decode(cls, data: bytes) -> SaslMechanisms:
        """Return the sasl-mechanisms that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, SaslMechanisms, decode_sasl_mechanisms, PERFORMATIVE)


_SaslMechanisms_FIELDS = ("sasl-server-mechanisms",)


def decode_sasl_mechanisms(data: bytes, at: int, depth: int, scope: Scope) -> tuple[SaslMechanisms, int]:
    """Read the list of a sasl-mechanisms; `at` is behind its descriptor."""
    self: Any = new(SaslMechanisms)
    start = at
    count, at, end = list_head(data, at)
    try:
        if count < 1:
            raise missing(_SaslMechanisms_FIELDS, (0,), count)
        self.sasl_server_mechanisms, at = read_multiple(data, at, depth, scope, "symbol", read_symbol, None)
    except FAULTS as error:
        raise read_fault(error, data, start, at, _SaslMechanisms_FIELDS) from None
    if count > 1:
        raise excess(count, 1, start)
    if at != end:
        raise misfit("list", at, end)
    return self, end


@performative
class SaslInit(Record):
    """5.3.3.2: The client's first SASL frame: its choice of a mechanism. ``amqp:sasl-init:list``, 0x41."""

    DESCRIPTOR: ClassVar[int] = 0x41
    SYMBOL: ClassVar[str] = "amqp:sasl-init:list"
    NAME: ClassVar[str] = "sasl-init"
    _SECRETS: ClassVar[tuple[str, ...]] = ("initial_response",)
    mechanism: str
    """5.3.3.2: The name of the mechanism that the client has chosen from those on offer."""

    initial_response: bytes | None = None
    """5.3.3.2: What the mechanism has the client send first; absent is not the same as empty. May be
    secret: do not log it.
    """

    hostname: str | None = None
    """5.3.3.2: The host that the client wants to reach, best as in TLS and in open; when absent the server
    picks its default.
    """

    def encode(self) -> bytes:
        """Return the described list. Raises EncodeError when a field has a value that it cannot hold."""
        count = 3 if self.hostname is not None else 2 if self.initial_response is not None else 1
        parts: list[bytes] = []
        try:
            parts.append(write_symbol(self.mechanism))
            if count > 1:
                parts.append(write_binary_or_null(self.initial_response))
            if count > 2:
                parts.append(write_string_or_null(self.hostname))
        except WRITE_FAULTS as error:
            raise write_fault(error, "sasl-init", _SaslInit_FIELDS[len(parts)]) from None
        return b"\x00\x53\x41" + list_form(count, parts)

    @classmethod
    def decode(cls, data: bytes) -> SaslInit:
        """Return the sasl-init that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, SaslInit, decode_sasl_init, PERFORMATIVE)


_SaslInit_FIELDS = (
    "mechanism",
    "initial-response",
    "hostname",
)


def decode_sasl_init(data: bytes, at: int, depth: int, scope: Scope) -> tuple[SaslInit, int]:
    """Read the list of a sasl-init; `at` is behind its descriptor."""
    self: Any = new(SaslInit)
    start = at
    count, at, end = list_head(data, at)
    try:
        if count < 1:
            raise missing(_SaslInit_FIELDS, (0,), count)
        self.mechanism, at = read_symbol(data, at)
        if count > 1:
            self.initial_response, at = read_binary_or(data, at, None)
        else:
            self.initial_response = None
        if count > 2:
            self.hostname, at = read_string_or(data, at, None)
        else:
            self.hostname = None
    except FAULTS as error:
        raise read_fault(error, data, start, at, _SaslInit_FIELDS) from None
    if count > 3:
        raise excess(count, 3, start)
    if at != end:
        raise misfit("list", at, end)
    return self, end


@performative
class SaslChallenge(Record):
    """5.3.3.3: A step of the mechanism that the server asks of the client. ``amqp:sasl-challenge:list``,
    0x42.
    """

    DESCRIPTOR: ClassVar[int] = 0x42
    SYMBOL: ClassVar[str] = "amqp:sasl-challenge:list"
    NAME: ClassVar[str] = "sasl-challenge"
    _SECRETS: ClassVar[tuple[str, ...]] = ("challenge",)
    challenge: bytes
    """5.3.3.3: Octets that only the mechanism understands."""

    def encode(self) -> bytes:
        """Return the described list. Raises EncodeError when a field has a value that it cannot hold."""
        count = 1
        parts: list[bytes] = []
        try:
            parts.append(write_binary(self.challenge))
        except WRITE_FAULTS as error:
            raise write_fault(error, "sasl-challenge", _SaslChallenge_FIELDS[len(parts)]) from None
        return b"\x00\x53\x42" + list_form(count, parts)

    @classmethod
    def decode(cls, data: bytes) -> SaslChallenge:
        """Return the sasl-challenge that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, SaslChallenge, decode_sasl_challenge, PERFORMATIVE)


_SaslChallenge_FIELDS = ("challenge",)


def decode_sasl_challenge(data: bytes, at: int, depth: int, scope: Scope) -> tuple[SaslChallenge, int]:
    """Read the list of a sasl-challenge; `at` is behind its descriptor."""
    self: Any = new(SaslChallenge)
    start = at
    count, at, end = list_head(data, at)
    try:
        if count < 1:
            raise missing(_SaslChallenge_FIELDS, (0,), count)
        self.challenge, at = read_binary(data, at)
    except FAULTS as error:
        raise read_fault(error, data, start, at, _SaslChallenge_FIELDS) from None
    if count > 1:
        raise excess(count, 1, start)
    if at != end:
        raise misfit("list", at, end)
    return self, end


@performative
class SaslResponse(Record):
    """5.3.3.4: The client's answer to a sasl-challenge. ``amqp:sasl-response:list``, 0x43."""

    DESCRIPTOR: ClassVar[int] = 0x43
    SYMBOL: ClassVar[str] = "amqp:sasl-response:list"
    NAME: ClassVar[str] = "sasl-response"
    _SECRETS: ClassVar[tuple[str, ...]] = ("response",)
    response: bytes
    """5.3.3.4: Octets that only the mechanism understands. May be secret: do not log them."""

    def encode(self) -> bytes:
        """Return the described list. Raises EncodeError when a field has a value that it cannot hold."""
        count = 1
        parts: list[bytes] = []
        try:
            parts.append(write_binary(self.response))
        except WRITE_FAULTS as error:
            raise write_fault(error, "sasl-response", _SaslResponse_FIELDS[len(parts)]) from None
        return b"\x00\x53\x43" + list_form(count, parts)

    @classmethod
    def decode(cls, data: bytes) -> SaslResponse:
        """Return the sasl-response that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, SaslResponse, decode_sasl_response, PERFORMATIVE)


_SaslResponse_FIELDS = ("response",)


def decode_sasl_response(data: bytes, at: int, depth: int, scope: Scope) -> tuple[SaslResponse, int]:
    """Read the list of a sasl-response; `at` is behind its descriptor."""
    self: Any = new(SaslResponse)
    start = at
    count, at, end = list_head(data, at)
    try:
        if count < 1:
            raise missing(_SaslResponse_FIELDS, (0,), count)
        self.response, at = read_binary(data, at)
    except FAULTS as error:
        raise read_fault(error, data, start, at, _SaslResponse_FIELDS) from None
    if count > 1:
        raise excess(count, 1, start)
    if at != end:
        raise misfit("list", at, end)
    return self, end


@performative
class SaslOutcome(Record):
    """5.3.3.5: The server's last SASL frame: whether the client is let in. ``amqp:sasl-outcome:list``,
    0x44.
    """

    DESCRIPTOR: ClassVar[int] = 0x44
    SYMBOL: ClassVar[str] = "amqp:sasl-outcome:list"
    NAME: ClassVar[str] = "sasl-outcome"
    _SECRETS: ClassVar[tuple[str, ...]] = ("additional_data",)
    code: SaslCode
    """5.3.3.5: The verdict: ok, or what kind of failure it was."""

    additional_data: bytes | None = None
    """5.3.3.5: What the mechanism has the server send with its success; absent on failure."""

    def encode(self) -> bytes:
        """Return the described list. Raises EncodeError when a field has a value that it cannot hold."""
        count = 2 if self.additional_data is not None else 1
        parts: list[bytes] = []
        try:
            parts.append(write_sasl_code(self.code))
            if count > 1:
                parts.append(write_binary_or_null(self.additional_data))
        except WRITE_FAULTS as error:
            raise write_fault(error, "sasl-outcome", _SaslOutcome_FIELDS[len(parts)]) from None
        return b"\x00\x53\x44" + list_form(count, parts)

    @classmethod
    def decode(cls, data: bytes) -> SaslOutcome:
        """Return the sasl-outcome that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, SaslOutcome, decode_sasl_outcome, PERFORMATIVE)


_SaslOutcome_FIELDS = (
    "code",
    "additional-data",
)


def decode_sasl_outcome(data: bytes, at: int, depth: int, scope: Scope) -> tuple[SaslOutcome, int]:
    """Read the list of a sasl-outcome; `at` is behind its descriptor."""
    self: Any = new(SaslOutcome)
    start = at
    count, at, end = list_head(data, at)
    try:
        if count < 1:
            raise missing(_SaslOutcome_FIELDS, (0,), count)
        self.code, at = read_sasl_code(data, at)
        if count > 1:
            self.additional_data, at = read_binary_or(data, at, None)
        else:
            self.additional_data = None
    except FAULTS as error:
        raise read_fault(error, data, start, at, _SaslOutcome_FIELDS) from None
    if count > 2:
        raise excess(count, 2, start)
    if at != end:
        raise misfit("list", at, end)
    return self, end
