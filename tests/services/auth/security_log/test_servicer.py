"""The security log over a real channel."""

from coditect.auth.v5 import security_log_pb2
from tests.services.auth.harness import registration
from tests.services.auth.server import Auth


async def test_a_user_reads_what_happened(auth: Auth) -> None:
    """Newest first, in pages, with the device and the address of each call."""
    answer = await auth.stub.Register(
        registration(), metadata=[("x-forwarded-for", "192.0.2.7"), ("user-agent", "x")]
    )
    token = answer.tokens.access_token
    await auth.log_in()
    first = await auth.call(
        "ListActivity", security_log_pb2.ListActivityRequest(page_size=1), token
    )
    assert [one.event for one in first.events] == ["login.started"]
    rest = security_log_pb2.ListActivityRequest(page_token=first.next_page_token)
    older = await auth.call("ListActivity", rest, token)
    assert [one.event for one in older.events] == ["login.started", "account.created"]
    login, created = older.events
    assert (login.outcome, login.count, login.address) == ("success", 1, "192.0.2.7")
    assert "grpc" in login.user_agent
    assert (login.login_id != "", created.login_id) == (True, "")
    assert login.first_time == login.time
    assert older.next_page_token == ""


async def test_another_user_reads_nothing_of_it(auth: Auth) -> None:
    """Another user has another list, and may not use the first user's page token."""
    own = (await auth.register()).tokens.access_token
    page = await auth.call("ListActivity", security_log_pb2.ListActivityRequest(page_size=1), own)
    stranger = (await auth.register("other@example.com")).tokens.access_token
    rest = security_log_pb2.ListActivityRequest(page_token=page.next_page_token)
    assert await auth.refused("ListActivity", rest, stranger) == "PAGE_TOKEN_INVALID"
    theirs = {one.login_id for one in (await auth.call("ListActivity", token=stranger)).events}
    assert not theirs & ({one.login_id for one in page.events} - {""})
    assert await auth.refused("ListActivity") == "ACCESS_TOKEN_MISSING"
    negative = security_log_pb2.ListActivityRequest(page_size=-1)
    assert await auth.refused("ListActivity", negative, own) == "INVALID_REQUEST"
