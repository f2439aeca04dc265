"""Answers that may be kept: their headers, and the answer to a caller who has one."""

import pytest

from coditect.auth.v5 import keys_pb2
from kernel.identity.callers import Call
from kernel.rpc.caching import cacheable

ANSWER = keys_pb2.GetJwksResponse(keys=[keys_pb2.Jwk(kid="one")])


def tag_of(answer: keys_pb2.GetJwksResponse) -> str:
    """The ETag of an answer."""
    call = Call(None)
    cacheable(call, answer, 60)
    return dict(call.answer_metadata)["etag"]


def test_an_answer_may_be_kept() -> None:
    """It says for how long, by whom, and what names it."""
    call = Call(None)
    assert cacheable(call, ANSWER, 60) is ANSWER
    assert dict(call.answer_metadata) == {
        "cache-control": "public, max-age=60",
        "etag": tag_of(ANSWER),
    }
    assert tag_of(ANSWER).startswith('"')
    assert tag_of(ANSWER).endswith('"')


def test_another_answer_has_another_tag() -> None:
    """What has changed is sent again."""
    other = keys_pb2.GetJwksResponse(keys=[keys_pb2.Jwk(kid="two")])
    call = Call(None, {"if-none-match": tag_of(ANSWER)})
    assert cacheable(call, other, 60) is other
    assert dict(call.answer_metadata)["etag"] == tag_of(other) != tag_of(ANSWER)


@pytest.mark.parametrize("header", ["{}", "W/{}", '"other", {}', '"other",W/{} , "third"', "*"])
def test_a_caller_who_has_it_gets_304(header: str) -> None:
    """A cache may weaken a tag and name several; the headers come all the same (RFC 9110, 15.4.5)."""
    call = Call(None, {"if-none-match": header.format(tag_of(ANSWER))})
    assert cacheable(call, ANSWER, 60) == keys_pb2.GetJwksResponse()
    assert dict(call.answer_metadata) == {
        "cache-control": "public, max-age=60",
        "etag": tag_of(ANSWER),
        "x-coditect-status": "304",
    }


@pytest.mark.parametrize("header", ["", '""', '"other"', "W/", ", ,", "\u00e9"])
def test_a_caller_who_has_another_gets_it(header: str) -> None:
    """A tag of something else, or no tag, changes nothing."""
    call = Call(None, {"if-none-match": header})
    assert cacheable(call, ANSWER, 60) is ANSWER
    assert "x-coditect-status" not in dict(call.answer_metadata)


def test_a_tag_must_be_quoted() -> None:
    """A tag without its quotes is another one."""
    call = Call(None, {"if-none-match": tag_of(ANSWER).strip('"')})
    assert cacheable(call, ANSWER, 60) is ANSWER
