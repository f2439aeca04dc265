"""Calls over HTTP/2 that no gRPC client would make, written byte by byte (RFC 9113, RFC 7541)."""

import socket
from collections.abc import Iterator, Sequence

from tools.sockets import connect

Header = tuple[bytes, bytes]

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_DATA, _HEADERS, _SETTINGS, _CONTINUATION = 0x0, 0x1, 0x4, 0x9
_END_STREAM, _END_HEADERS = 0x1, 0x4
_FRAME_BYTES = 16_384


def call(address: str, path: bytes, headers: Sequence[Header], message: bytes = b"") -> bytes:
    """Makes one call on a connection of its own, and returns all bytes of the answer.

    Args:
        address: `host:port` or `unix:/path`.
        path: `/package.Service/Method`.
        headers: In addition to those that gRPC requires; a name here replaces one of them.
        message: A message, which may be malformed.
    """
    usual = {
        b":method": b"POST",
        b":scheme": b"http",
        b":path": path,
        b":authority": b"localhost",
        b"te": b"trailers",
        b"content-type": b"application/grpc",
    }
    block = b"".join(_literal(*one) for one in [*(usual | dict(headers)).items()])
    framed = b"\0" + len(message).to_bytes(4, "big") + message
    with connect(address, 30) as connection:
        connection.sendall(_PREFACE + _frame(_SETTINGS, 0, 0, b""))
        connection.sendall(b"".join(_header_frames(block)))
        connection.sendall(_frame(_DATA, _END_STREAM, 1, framed))
        return _answer(connection)


def _literal(name: bytes, value: bytes) -> bytes:
    """A header that is neither indexed nor compressed (RFC 7541, section 6.2.2)."""
    return b"\0" + _string(name) + _string(value)


def _string(text: bytes) -> bytes:
    length, written = len(text), bytearray()
    if length < 0x7F:
        return bytes([length]) + text
    written.append(0x7F)
    length -= 0x7F
    while length >= 0x80:
        written.append(length % 0x80 + 0x80)
        length //= 0x80
    written.append(length)
    return bytes(written) + text


def _header_frames(block: bytes) -> Iterator[bytes]:
    for start in range(0, len(block), _FRAME_BYTES):
        part = block[start : start + _FRAME_BYTES]
        flags = _END_HEADERS if start + _FRAME_BYTES >= len(block) else 0
        yield _frame(_CONTINUATION if start else _HEADERS, flags, 1, part)


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    head = len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big")
    return head + payload


def _answer(connection: socket.socket) -> bytes:
    """What arrives until the stream ends, or nothing arrives for a second."""
    connection.settimeout(1)
    received = bytearray()
    try:
        while part := connection.recv(65_536):
            received += part
            if _has_ended(received):
                break
    except (TimeoutError, ConnectionError):
        pass
    return bytes(received)


def _has_ended(received: bytes) -> bool:
    at = 0
    while len(received) >= at + 9:
        length = int.from_bytes(received[at : at + 3], "big")
        kind, flags = received[at + 3], received[at + 4]
        if kind in {_DATA, _HEADERS} and flags & _END_STREAM:
            return True
        at += 9 + length
    return False
