"""Device logins: a device is let in or refused once, gets one grant, and loses it if its code is stolen."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from tests.histories.history import History, Operation
from tests.histories.world import Person, Recorder, Request, World, concurrently, prepared

CLIENT_ID = "coditect-cli"
GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"
SCOPE = "offline_access sessions:read"
CALLS = 4
_WAITS = {"authorization_pending", "slow_down"}


class Device(NamedTuple):
    """A device.

    Attributes:
        phase: `waiting`, `approved`, `denied` (and not told yet), `told`, `granted` or `ended`.
        user: The user who has approved it; empty before that.
    """

    phase: str = "waiting"
    user: str = ""


class Devices:
    """The model of one device and its code."""

    begin = Device()

    def steps(self, state: Device, operation: Operation) -> Iterable[Device]:
        """The states behind an operation."""
        answer, given = operation.answer, operation.given
        if operation.what == "ask":
            expected, following = _asked(state)
            fits = answer is None or answer.code in expected
            return [following] if fits else []
        if operation.what == "list":
            has_grant = state == Device("granted", given["user"])
            return [state] if answer is not None and answer.value is has_grant else []
        if state.phase != "waiting":
            fits = answer is None or answer.code == "DEVICE_LOGIN_NOT_FOUND"
            return [state] if fits else []
        if answer is not None and not answer.is_success:
            return []
        if operation.what == "look":
            return [state]
        return [
            Device("approved", given["user"]) if operation.what == "approve" else Device("denied")
        ]


def _asked(state: Device) -> tuple[set[str], Device]:
    """What a device is answered that asks for its tokens, and what it is then."""
    match state.phase:
        case "waiting":
            return _WAITS, state
        case "approved":
            return {""}, Device("granted", state.user)
        case "denied":
            return {"access_denied"}, Device("told")
        case "granted":
            return {"invalid_grant"}, Device("ended")
        case _:
            return {"invalid_grant"}, state


async def run(world: World) -> History[Any]:
    """Two users answer one device, which asks from two places for its tokens."""
    address = world.network()

    async def started() -> tuple[list[Person], dict[str, Any]]:
        form = {"client_id": CLIENT_ID, "scope": SCOPE}
        people = [await world.register(address) for _ in range(2)]
        path = "/oauth/device_authorization"
        return people, await world.prepare(Request("POST", path, form=form), address)

    people, codes = await prepared(started)
    history: History[Any] = History("a device", Devices())
    recorder, path = Recorder(world, history, address), f"/oauth/device/{codes['user_code']}"
    form = {"client_id": CLIENT_ID, "grant_type": GRANT_TYPE, "device_code": codes["device_code"]}

    async def device() -> None:
        for _ in range(CALLS):
            await recorder.do("ask", Request("POST", "/oauth/token", form=form))

    async def user(person: Person) -> None:
        for _ in range(CALLS):
            chance, who = world.random.random(), {"user": person.user_id}
            if chance < 0.35:
                await recorder.do("approve", person.call("POST", path, {"approve": True}), **who)
            elif chance < 0.5:
                await recorder.do("deny", person.call("POST", path, {"approve": False}), **who)
            elif chance < 0.7:
                await recorder.do("look", person.call("GET", path), reads=True, **who)
            else:
                request = person.call("GET", "/oauth/grants")
                await recorder.do(
                    "list", request, lambda data: bool(data["grants"]), reads=True, **who
                )

    await concurrently(device(), device(), *(user(person) for person in people))
    return history
