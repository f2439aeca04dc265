"""A slug belongs to one organization when several ask for it concurrently."""

from kernel.storage import Store
from services.tenants.memberships import repository as memberships
from tests.races.conftest import Teams
from tests.races.race import Race, reason_of
from tests.services.tenants.harness import call, person

MANY = 5


async def _owner_of(store: Store, slug: str) -> bytes | None:
    return await store.read(lambda tx: tx.get(memberships.SLUG.key(slug)))


async def test_one_request_gets_the_slug(store: Store, teams: Teams, race: Race) -> None:
    """One of several concurrent requests for a slug succeeds."""
    for number in race.rounds():
        slug = f"acme-{number}"
        results = await race.run(
            *(teams.any.organizations.create(call(person()), "Acme", slug) for _ in range(MANY))
        )
        (made,) = [result for result in results if not reason_of(result)]
        assert sorted(map(reason_of, results)) == ["", *["SLUG_TAKEN"] * (MANY - 1)]
        assert await _owner_of(store, slug) == made.tenant.tenant_id.bytes


async def test_generated_slugs_differ(store: Store, teams: Teams, race: Race) -> None:
    """Organizations of the same name that ask for no slug get different slugs."""
    for number in race.rounds():
        results = await race.run(
            *(
                teams.any.organizations.create(call(person()), f"Acme {number}", None)
                for _ in range(MANY)
            )
        )
        assert len({made.tenant.slug for made in results}) == MANY
        for made in results:
            assert await _owner_of(store, made.tenant.slug) == made.tenant.tenant_id.bytes


async def test_deletion_frees_the_slug(store: Store, teams: Teams, race: Race) -> None:
    """At most one request gets the slug while the organization that has it is deleted."""
    for number in race.rounds():
        slug, ada = f"acme-{number}", person()
        old = (await teams.any.organizations.create(call(ada), "Acme", slug)).tenant.tenant_id
        deletion, *results = await race.run(
            teams.any.organizations.delete(call(ada, old)),
            *(teams.any.organizations.create(call(person()), "Acme", slug) for _ in range(2)),
        )
        assert reason_of(deletion) == ""
        made = [result for result in results if not reason_of(result)]
        assert set(map(reason_of, results)) <= {"", "SLUG_TAKEN"}
        assert len(made) <= 1
        owner = made[0].tenant.tenant_id.bytes if made else None
        assert await _owner_of(store, slug) == owner
