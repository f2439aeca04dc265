"""A slug is one organization's, whoever else wants it at the same time."""

from kernel.storage import Store
from services.tenants.memberships import repository as memberships
from tests.races.conftest import Teams
from tests.races.contest import Contest, reason_of
from tests.services.tenants.harness import ACT, call, person

MANY = 5


async def _owner_of(store: Store, slug: str) -> bytes | None:
    return await store.read(lambda tx: tx.get(memberships.SLUG.key(slug)))


async def test_one_gets_it(store: Store, teams: Teams, contest: Contest) -> None:
    """Of all who ask for it."""
    for number in contest.rounds():
        slug = f"acme-{number}"
        results = await contest.run(
            *(teams.any.organizations.create(person(), ACT, "Acme", slug) for _ in range(MANY))
        )
        (made,) = [result for result in results if not reason_of(result)]
        assert sorted(map(reason_of, results)) == ["", *["SLUG_TAKEN"] * (MANY - 1)]
        assert await _owner_of(store, slug) == made.tenant.tenant_id.bytes


async def test_one_name(store: Store, teams: Teams, contest: Contest) -> None:
    """Whoever asks for none gets one of its own, also when all are called the same."""
    for number in contest.rounds():
        results = await contest.run(
            *(
                teams.any.organizations.create(person(), ACT, f"Acme {number}", None)
                for _ in range(MANY)
            )
        )
        assert len({made.tenant.slug for made in results}) == MANY
        for made in results:
            assert await _owner_of(store, made.tenant.slug) == made.tenant.tenant_id.bytes


async def test_it_becomes_free(store: Store, teams: Teams, contest: Contest) -> None:
    """With the end of the organization, for one of those who wait for it."""
    for number in contest.rounds():
        slug, ada = f"acme-{number}", person()
        old = (await teams.any.organizations.create(ada, ACT, "Acme", slug)).tenant.tenant_id
        deletion, *results = await contest.run(
            teams.any.organizations.delete(call(ada, old), ACT),
            *(teams.any.organizations.create(person(), ACT, "Acme", slug) for _ in range(2)),
        )
        assert reason_of(deletion) == ""
        made = [result for result in results if not reason_of(result)]
        assert set(map(reason_of, results)) <= {"", "SLUG_TAKEN"}
        assert len(made) <= 1
        owner = made[0].tenant.tenant_id.bytes if made else None
        assert await _owner_of(store, slug) == owner
