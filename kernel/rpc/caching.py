"""Answers that anyone may keep for a while, and ask for again only if they have changed (RFC 9111, RFC 9110)."""

from hashlib import sha256
from typing import TypeVar

from google.protobuf.message import Message

from kernel import base64url
from kernel.identity.callers import Call

_NOT_MODIFIED = 304
_TAG_BYTES = 16
_Answer = TypeVar("_Answer", bound=Message)


def cacheable(call: Call, answer: _Answer, seconds: int) -> _Answer:
    """The answer of a public method, with an ETag; without a body for a caller who has it.

    Args:
        call: The call. A client names what it has in `If-None-Match`.
        answer: The answer, which is the same for all callers.
        seconds: How long it may be kept without asking again.
    """
    digest = sha256(answer.SerializeToString(deterministic=True)).digest()
    tag = f'"{base64url.encode(digest[:_TAG_BYTES])}"'
    call.set_header("cache-control", f"public, max-age={seconds}")
    call.set_header("etag", tag)
    if not _has(call.header("if-none-match"), tag):
        return answer
    call.set_status(_NOT_MODIFIED)
    return type(answer)()


def _has(if_none_match: str, tag: str) -> bool:
    """Whether a client has what the tag names (RFC 9110, section 13.1.2). A cache may weaken a tag."""
    known = {one.strip(" \t").removeprefix("W/") for one in if_none_match.split(",")}
    return tag in known or "*" in known
