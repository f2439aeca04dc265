"""How the system starts in odd surroundings."""

from pathlib import Path

from tests.end_to_end.conftest import client, start
from tests.end_to_end.person import new_person

DEAD_PROXY = "http://127.0.0.1:9"
PROXIES = ("grpc_proxy", "http_proxy", "https_proxy", "all_proxy")


def test_it_starts_where_everything_goes_through_a_proxy(tmp_path: Path) -> None:
    """No call between the programs takes the proxy of the environment, which is dead here."""
    environ = {name: DEAD_PROXY for proxy in PROXIES for name in (proxy, proxy.upper())}
    environ |= {"no_proxy": "localhost", "NO_PROXY": "localhost"}
    with start(tmp_path / "data", **environ) as laptop:
        laptop.wait_until_ready()
        with client(laptop) as http:
            person = new_person(http)
            assert person.call("GET", "/sessions").status_code == 200
