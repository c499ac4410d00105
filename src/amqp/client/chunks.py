"""Where the pieces of a body come from: an iterable, an asynchronous one, or a file."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from amqp.checks import wrong_type

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["BinaryFile", "Chunk", "Chunks", "Pieces", "pieces_of", "plain_pieces_of"]

READ: Final = 64 * 1024
"""Octets that are read from a file at once."""


class BinaryFile(Protocol):
    """A file opened for reading in binary."""

    def read(self, size: int, /) -> bytes:
        """Return the next octets, at most *size*; none at the end."""
        ...


Chunk: TypeAlias = bytes | bytearray | memoryview
Pieces: TypeAlias = Iterable[Chunk] | BinaryFile
Chunks: TypeAlias = Pieces | AsyncIterable[Chunk]


def pieces_of(chunks: Chunks) -> Iterable[Chunk] | AsyncIterable[Chunk]:
    """Return what gives the pieces one by one, if need be asynchronously.

    Raises:
        LocalError: *chunks* is neither an iterable of them nor a file.
    """
    return chunks if isinstance(chunks, AsyncIterable) else plain_pieces_of(chunks)


def plain_pieces_of(chunks: Pieces) -> Iterable[Chunk]:
    """Return what gives the pieces one by one.

    Raises:
        LocalError: *chunks* is neither an iterable of them nor a file.
    """
    if isinstance(chunks, str | bytes | bytearray | memoryview):
        raise wrong_type(
            "chunks", chunks, "an iterable of bytes or a file; for octets as they are there is send()"
        )
    read = getattr(chunks, "read", None)
    if read is not None:
        return _read_all(chunks)  # type: ignore[arg-type]  # it has what makes a file of it
    if isinstance(chunks, Iterable):
        return chunks
    raise wrong_type("chunks", chunks, "an iterable of bytes, or a file opened in binary")


def _read_all(file: BinaryFile) -> Iterator[Chunk]:
    while octets := file.read(READ):
        yield octets
