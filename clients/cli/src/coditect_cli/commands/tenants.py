"""`tenants` and `switch`."""

from typing import Annotated

import typer

from coditect_cli import output, product
from coditect_cli.failures import Refused
from coditect_cli.options import AsJson, Server
from coditect_cli.output import Json


def tenants(server: Server = None, as_json: AsJson = False) -> None:
    """List your tenants; `*` marks the active one."""
    with product.connect(server) as connected:
        found = list(connected.every("/tenants", "tenants"))
        active = connected.credential.tenant_id()
    rows = [
        ("*" if one["tenantId"] == active else "", *(one[name] for name in _COLUMNS))
        for one in found
    ]
    answer = {"tenants": found, "activeTenantId": active}
    output.result(answer, output.table(("", "SLUG", "NAME", "ROLE", "STATE", "ID"), rows))


_COLUMNS = ("slug", "name", "role", "state", "tenantId")


def switch(
    tenant: Annotated[str, typer.Argument(help="The slug or the id of one of your tenants.")],
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Act in another of your tenants from now on."""
    with product.connect(server) as connected:
        found = _find(list(connected.every("/tenants", "tenants")), tenant)
        connected.credential.switch(found["tenantId"])
    output.result({"tenant": found}, output.plain(f"Commands act in {found['slug']} now."))


def _find(found: list[Json], tenant: str) -> Json:
    for one in found:
        if tenant in {one["tenantId"], one["slug"]}:
            return one
    raise Refused(f"You have no tenant {tenant}.", "TENANT_NOT_FOUND")


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(tenants)
    app.command()(switch)
