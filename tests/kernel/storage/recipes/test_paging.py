"""Pages, and the tokens between them."""

import base64

import pytest
from cryptography.fernet import Fernet, MultiFernet

from coditect.storage.v1 import storage_pb2
from kernel.errors import InvalidRequest, PageTokenInvalid
from kernel.storage import KEY_BYTES, Read, Store, Subspace
from kernel.storage.recipes.paging import (
    TOKEN_CHARS,
    Listing,
    Page,
    PageTokens,
    list_name,
    page,
    page_size,
)
from tests.contract.store import put

SEAL = MultiFernet([Fernet(base64.urlsafe_b64encode(b"s" * 32))])
TOKENS = PageTokens(SEAL)
MINE = list_name("sessions", "user 1")
SPACE = Subspace(("sessions", "user 1"))


async def _page(store: Store, after: bytes | None, limit: int, *, reverse: bool = False) -> Page:
    async def read(tx: Read) -> Page:
        return await page(tx, *SPACE.range(), after=after, limit=limit, reverse=reverse)

    return await store.read(read)


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7, 8])
async def test_pages_make_the_whole_list(store: Store, limit: int, *, reverse: bool) -> None:
    """The pages contain every row once, in order, without an empty page at the end."""
    keys = [SPACE.pack((number,)) for number in range(7)]
    neighbours = [Subspace(("sessions", name)).pack((0,)) for name in ("user 0", "user 2")]
    await put(store, *((key, b"") for key in [*keys, *neighbours]))
    token, seen = "", []
    while True:
        found = await _page(store, TOKENS.read(token, name=MINE), limit, reverse=reverse)
        assert found.items
        seen += [key for key, _ in found.items]
        if not (token := TOKENS.make(found.last_key, name=MINE)):
            break
    assert seen == (keys[::-1] if reverse else keys)


async def test_an_empty_list_is_one_empty_page(store: Store) -> None:
    """An empty list has no rows and no next page."""
    assert await _page(store, None, 5) == Page([], None)


async def test_rows_that_come_and_go_do_not_shift_the_pages(store: Store) -> None:
    """A page begins after a key, even if that key was deleted."""
    await put(store, *((SPACE.pack((number,)), b"") for number in (1, 2, 3, 5)))
    after = (await _page(store, None, 2)).last_key
    assert after == SPACE.pack((2,))

    await put(store, (SPACE.pack((0,)), b""), (SPACE.pack((4,)), b""))
    await store.write(lambda tx: _clear(tx, after))
    rows = (await _page(store, after, 10)).items
    assert [SPACE.unpack(key) for key, _ in rows] == [(3,), (4,), (5,)]


async def _clear(tx: object, key: bytes) -> None:
    tx.clear(key)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "after", [b"", SPACE.prefix, b"\xff", Subspace(("sessions", "user 2")).pack((1,))]
)
async def test_a_position_outside_of_the_list_is_refused(store: Store, after: bytes) -> None:
    """Even a validly sealed token cannot point into another list."""
    with pytest.raises(PageTokenInvalid):
        await _page(store, after, 5)


def test_a_token_is_good_for_its_own_list_only() -> None:
    """A token is rejected for another caller, list or filter."""
    token = TOKENS.make(b"key", name=MINE)
    assert TOKENS.read(token, name=MINE) == b"key"
    for parts in (("sessions", "user 2"), ("sessions", "user 1", ""), ("sessionsuser 1",)):
        with pytest.raises(PageTokenInvalid):
            TOKENS.read(token, name=list_name(*parts))


def test_the_longest_key_makes_a_token_that_is_accepted() -> None:
    """Every key of the store fits into a token, and the token does not reveal it."""
    token = TOKENS.make(b"k" * KEY_BYTES, name=MINE)
    assert len(token) <= TOKEN_CHARS
    assert TOKENS.read(token, name=MINE) == b"k" * KEY_BYTES


def test_a_token_survives_the_change_of_keys() -> None:
    """Tokens sealed with an older key are accepted; those of a removed key are not."""
    fresh = Fernet(Fernet.generate_key())
    token = TOKENS.make(b"key", name=MINE)
    both = MultiFernet([fresh, Fernet(base64.urlsafe_b64encode(b"s" * 32))])
    assert PageTokens(both).read(token, name=MINE) == b"key"
    with pytest.raises(PageTokenInvalid):
        PageTokens(MultiFernet([fresh])).read(token, name=MINE)


_GOOD = TOKENS.make(b"key", name=MINE)


_DAMAGED = [
    "x",
    " ",
    "\x00",
    *(_GOOD + behind for behind in ("\x00", "=", "==", "\n", " ", "!!!!", "AAAA")),
    _GOOD[:40] + "\n" + _GOOD[40:],
    _GOOD[:-1],
    _GOOD[:-8],
    _GOOD[:40] + ("A" if _GOOD[40] != "A" else "B") + _GOOD[41:],
    "ü" * 100,
    "\ud800",
    "\U0001f600",
    "=" * 100,
    "A" * (TOKEN_CHARS + 1),
    "gAAAAA==",
    SEAL.encrypt(b"no message \xff\xff").decode(),
    SEAL.encrypt(b"").decode(),
    SEAL.encrypt(storage_pb2.PagePosition(list=MINE).SerializeToString()).decode(),
]


@pytest.mark.parametrize("number", range(len(_DAMAGED)))
def test_damaged_tokens_are_refused(number: int) -> None:
    """Any garbage causes the same error."""
    with pytest.raises(PageTokenInvalid):
        TOKENS.read(_DAMAGED[number], name=MINE)


@pytest.mark.parametrize(
    ("requested", "given"), [(0, 50), (1, 1), (1000, 1000), (1001, 1000), (2**31 - 1, 1000)]
)
def test_page_sizes_have_a_default_and_a_bound(requested: int, given: int) -> None:
    """0 means the default, and larger sizes are reduced to the maximum (AIP-158)."""
    assert page_size(requested) == given


def test_a_negative_page_size_is_refused() -> None:
    """The error names the field in its JSON spelling."""
    with pytest.raises(InvalidRequest) as caught:
        page_size(-1)
    assert [violation.field for violation in caught.value.violations] == ["pageSize"]


async def test_a_listing_continues_at_its_token(store: Store) -> None:
    """Each page has its own transaction; a token is valid only for its list."""
    await put(store, *((SPACE.pack((number,)), b"%d" % number) for number in range(3)))

    async def read(tx: Read, after: bytes | None) -> Page[str]:
        found = await page(tx, *SPACE.range(), after=after, limit=2)
        return found.map(lambda row: row[1].decode())

    first = await TOKENS.list(store, MINE, "", read)
    rest = await TOKENS.list(store, MINE, first.next_page_token, read)
    assert (first.items, rest) == (["0", "1"], Listing(["2"], ""))
    with pytest.raises(PageTokenInvalid):
        await TOKENS.list(store, list_name("others"), first.next_page_token, read)
