"""Who calls, as the sidecar says it."""

import pytest

from kernel.errors import PeerUnknown
from kernel.identity.peers import Peers

BY = "By=spiffe://coditect.local/auth;Hash=00ff"


@pytest.fixture
def peers() -> Peers:
    """The workloads of one trust domain."""
    return Peers("coditect.local", ("gateway",))


def test_a_name_is_read(peers: Peers) -> None:
    """The name is what follows the trust domain in the URI."""
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
        f'{BY};Subject="CN=x;URI=spiffe://coditect.local/a";URI=spiffe://coditect.local/b',
    ],
)
def test_anything_else_is_nobody(peers: Peers, header: str) -> None:
    """No header, no name, another domain, more than one: the call is not believed."""
    with pytest.raises(PeerUnknown):
        peers.name(header)
