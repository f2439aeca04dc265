"""A call through the mesh is one trace: the sidecars record their part, and begin none themselves."""

from pathlib import Path

from tests.end_to_end.conftest import client, start
from tests.end_to_end.person import PASSWORD, new_person
from tests.end_to_end.team import found
from tests.support.collector import CLIENT, SERVER, above, named, one, open_collector
from tests.support.mesh import Mesh

LOGIN = "coditect.auth.v5.LoginsService/Login"
ROUTE = "coditect.auth.v5.LoginsService.Login"
MEMBERSHIP = "coditect.tenants.internal.v1.TenantsInternalService/GetMembership"


def test_a_login_passes_three_sidecars(tmp_path: Path) -> None:
    """Gateway, sidecar of auth, auth; its sidecar again on the way to tenants, the sidecar there, tenants."""
    with open_collector() as collector:
        mesh = Mesh(tmp_path / "certificates")
        variables = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint}
        with start(tmp_path / "data", programs=mesh.programs, **variables) as laptop:
            laptop.wait_until_ready()
            with client(laptop) as http:
                person = new_person(http)
                tenant = found(person)
                collector.spans.clear()
                body = {"email": person.email, "password": PASSWORD, "tenantId": tenant}
                assert http.post("/api/v5/auth/login", json=body).status_code == 200
                spans = collector.wait_for(
                    named("gateway", ROUTE, SERVER),
                    named("auth", LOGIN, SERVER),
                    named("tenants", MEMBERSHIP, SERVER),
                    lambda span: span.service == "auth-sidecar" and span.kind == CLIENT,
                    lambda span: span.service == "auth-sidecar" and span.kind == SERVER,
                    lambda span: span.service == "tenants-sidecar",
                )
    way = above(spans, one(spans, "tenants", MEMBERSHIP, SERVER))
    assert way == [
        f"tenants-sidecar /{MEMBERSHIP}",
        f"auth-sidecar /{MEMBERSHIP}",
        f"auth {MEMBERSHIP}",
        f"auth {LOGIN}",
        f"auth-sidecar /{LOGIN}",
        "gateway router auth egress",
        f"gateway {ROUTE}",
    ]
    roots = {span.service for span in collector.spans if not span.parent_id}
    assert not {root for root in roots if root.endswith("-sidecar")}
