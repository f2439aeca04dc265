"""The caller's workload, as the sidecar reports it."""

import pytest

from kernel.errors import PeerUnknown
from kernel.identity.peers import Peers

BY = "By=spiffe://coditect.local/auth;Hash=00ff"


@pytest.fixture
def peers() -> Peers:
    """The workloads of one trust domain."""
    return Peers("coditect.local", ("gateway",))


def test_a_name_is_read(peers: Peers) -> None:
    """The name is the part after the trust domain in the URI."""
    assert peers.name(f"{BY};URI=spiffe://coditect.local/tenants") == "tenants"
    assert peers.name("URI=spiffe://coditect.local/gateway") == "gateway"


@pytest.mark.parametrize(
    "header",
    [
        "",
        BY,
        f"{BY};URI=",
        f"{BY};URI=spiffe://coditect.local/",
        f"{BY};URI=spiffe://coditect.local",
        f"{BY};URI=spiffe://elsewhere.local/tenants",
        f"{BY};URI=spiffe://coditect.local.evil/tenants",
        f"{BY};URI=spiffe://coditect.local/ns/tenants",
        f"{BY};URI=tenants",
        f"{BY};uri=spiffe://coditect.local/tenants",
        f"{BY};URI=spiffe://coditect.local/a;URI=spiffe://coditect.local/b",
        f"{BY};URI=spiffe://coditect.local/a,{BY};URI=spiffe://coditect.local/b",
        f"{BY};URI=spiffe://coditect.local/a,{BY}",
        f"{BY};URI=spiffe://coditect.local/a;Hash=00ff,{BY}",
        f"{BY},{BY};URI=spiffe://coditect.local/a",
        "URI=spiffe://coditect.local/a,",
        f"{BY};URI=spiffe://coditect.local/a,b",
        f'{BY};Subject="CN=x;URI=spiffe://coditect.local/a";URI=spiffe://coditect.local/b',
    ],
)
def test_any_other_header_names_no_workload(peers: Peers, header: str) -> None:
    """Without a header or name, with another domain, or with several, there is no workload."""
    with pytest.raises(PeerUnknown):
        peers.name(header)
