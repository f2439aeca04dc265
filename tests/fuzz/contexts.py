"""The three contexts as a fuzzer finds them: with users, programs, and one of everything that a call can name."""

from functools import cache

from joserfc import jwt
from joserfc.jwk import ECKey

from kernel.identity.callers import Assurance, Role
from kernel.rpc.server import App
from kernel.self_tenant import self_tenant_id
from kernel.settings import ServiceSettings
from kernel.storage import Store
from services.auth import app as auth_app
from services.sessions import app as sessions_app
from services.sessions.settings import SessionsSettings
from services.tenants import app as tenants_app
from tests.fuzz.service import FuzzedService
from tests.services.auth.fakes import FakeServices as FakesOfAuth
from tests.services.auth.harness import PASSWORD
from tests.services.auth.harness import make_settings as auth_settings
from tests.services.tenants.fakes import FakeServices as FakesOfTenants
from tests.services.tenants.harness import make_settings as tenants_settings
from tests.support.clock import START, FixedClock
from tests.support.ids import FixedIds
from tests.support.service import ENVIRON, UNREACHABLE
from tests.support.tokens import ISSUER, Mint, User, somebody

DEVICE = {"user-agent": "Fuzzer/1", "x-forwarded-for": "192.0.2.1"}
_VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"  # RFC 7636, appendix B
_CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
_REDIRECT = "https://robot.example.com/callback"


@cache
def auth() -> FuzzedService:
    """Auth, in which Ada has an account, a second factor pends, and programs of each kind are registered."""

    async def build(store: Store) -> tuple[App, ServiceSettings]:
        fakes = FakesOfAuth()
        await fakes.start()
        settings = auth_settings(
            TENANTS_ADDRESS=fakes.address,
            SESSIONS_ADDRESS=fakes.address,
            DYNAMIC_CLIENT_REGISTRATION="open",
            CLIENT_METADATA_DOCUMENTS="on",
            CORS_ORIGINS="https://app.example.com",
        )
        return auth_app.build(settings, store, FixedClock(), FixedIds()), settings

    async def secrets(service: FuzzedService) -> dict[str, str]:
        return await _secrets_of_auth(service)

    return FuzzedService(build, secrets)


async def _secrets_of_auth(service: FuzzedService) -> dict[str, str]:
    call = service.call
    ada = await call(
        "AccountsService/Register", DEVICE,
        email="ada@example.com", password=PASSWORD, firstName="Ada", lastName="Lovelace",
    )  # fmt: skip
    found = {
        "user": ada["user"]["userId"],
        "tenant": ada["tenant"]["tenantId"],
        "access": ada["tokens"]["accessToken"],
        "refresh": ada["tokens"]["refreshToken"],
    }
    as_ada = {**DEVICE, "authorization": f"Bearer {found['access']}"}
    found |= {"device": ada.get("deviceToken", ""), "verifier": _VERIFIER, "challenge": _CHALLENGE}
    found |= await _programs(service, as_ada, found)
    totp = await call("TotpService/EnrollTotp", as_ada, name="Phone")
    found["factor"] = totp["factorId"]
    passkey = await call("PasskeysService/StartPasskey", as_ada)
    found["creation"] = passkey["options"]["challenge"]
    started = await call("LoginsService/StartPasskeyLogin", DEVICE)
    found["assertion_challenge"] = started["options"]["challenge"]
    return found


async def _programs(
    service: FuzzedService, as_ada: dict[str, str], of: dict[str, str]
) -> dict[str, str]:
    call, tenant = service.call, of["tenant"]
    scopes = ["sessions:read", "account:read"]
    token = await call(
        "PersonalAccessTokensService/CreatePersonalAccessToken", as_ada, name="CI", scopes=scopes
    )
    key = ECKey.generate_key("P-256", parameters={"kid": "one"})
    secret, public, signed = [
        await call(
            "OAuthClientsService/CreateClient", as_ada,
            tenantId=tenant, name="Robot", authMethod=method, scopes=["openid", *scopes],
            **({} if method != "private_key_jwt" else {"jwks": {"keys": [key.as_dict(private=False)]}}),
            redirectUris=[_REDIRECT],
            grantTypes=["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
        )
        for method in ("client_secret_post", "none", "private_key_jwt")
    ]  # fmt: skip
    ids = [one["client"]["clientId"] for one in (secret, public, signed)]
    parameters = {
        "clientId": ids[1], "responseType": "code", "redirectUri": _REDIRECT, "scope": "openid sessions:read",
        "codeChallenge": _CHALLENGE, "codeChallengeMethod": "S256", "state": "xyz",
    }  # fmt: skip
    answered = await call(
        "AuthorizationsService/AnswerAuthorization", as_ada, parameters=parameters, approve=True
    )
    second = int(START.timestamp())
    claims = {"iss": ids[2], "sub": ids[2], "aud": ISSUER, "jti": "one", "exp": second + 60}
    device = await call("DeviceLoginService/StartDeviceLogin", DEVICE, client_id="coditect-cli")
    pushed = await call(
        "OAuthService/PushAuthorization", DEVICE,
        client_id=ids[1], response_type="code", redirect_uri=_REDIRECT,
        code_challenge=_CHALLENGE, code_challenge_method="S256",
    )  # fmt: skip
    return {
        "personal": token["token"],
        "client": ids[0],
        "client_secret": secret["clientSecret"],
        "public": ids[1],
        "signed": ids[2],
        "assertion": jwt.encode({"alg": "ES256", "kid": "one"}, claims, key),
        "code": answered["redirectUri"].partition("code=")[2].partition("&")[0],
        "device_code": device["device_code"],
        "user_code": device["user_code"],
        "request_uri": pushed["request_uri"],
    }


@cache
def tenants() -> FuzzedService:
    """Tenants, in which an owner has an organization with an invitation and a webhook."""
    clock = FixedClock()
    mint = Mint(clock)

    async def build(store: Store) -> tuple[App, ServiceSettings]:
        fakes = FakesOfTenants()
        await fakes.start()
        settings = tenants_settings(AUTH_ADDRESS=fakes.address, SESSIONS_ADDRESS=fakes.address)
        app = tenants_app.build(settings, store, clock, FixedIds())
        app.authorizer.verifier.trust(mint.keys)
        return app, settings

    async def secrets(service: FuzzedService) -> dict[str, str]:
        person = somebody()
        owner = User(person.user_id, self_tenant_id(person.user_id), Role.OWNER, person.login_id)
        home = {**DEVICE, "authorization": f"Bearer {mint.token(owner)}"}
        made = await service.call("TenantsService/CreateTenant", home, name="Acme")
        tenant = made["tenant"]["tenantId"]
        found = {"tenant": tenant, "home": home["authorization"].removeprefix("Bearer ")}
        surely = User(
            owner.user_id, type(owner.tenant_id)(tenant), Role.OWNER, owner.login_id,
            tenant_epoch=1, assurance=Assurance.AAL2,
        )  # fmt: skip
        found["access"] = mint.token(surely)
        as_owner = {**DEVICE, "authorization": f"Bearer {found['access']}"}
        invited = await service.call(
            "InvitationsService/CreateInvitation", as_owner,
            tenantId=tenant, email="bob@example.com", role="member",
        )  # fmt: skip
        hook = await service.call(
            "WebhooksService/CreateWebhook", as_owner,
            tenantId=tenant, name="Hook", url="https://hooks.example.com/x",
        )  # fmt: skip
        found["invitation"] = invited["invitation"]["invitationId"]
        found["webhook"] = hook["webhook"]["webhookId"]
        found["user"] = str(owner.user_id)
        return found

    return FuzzedService(build, secrets)


@cache
def sessions() -> FuzzedService:
    """Sessions, in which a user has two sessions."""
    clock = FixedClock()
    mint = Mint(clock)

    async def build(store: Store) -> tuple[App, ServiceSettings]:
        settings = SessionsSettings.read({**ENVIRON, "AUTH_ADDRESS": UNREACHABLE})
        app = sessions_app.build(settings, store, clock, FixedIds())
        app.authorizer.verifier.trust(mint.keys)
        return app, settings

    async def secrets(service: FuzzedService) -> dict[str, str]:
        user = somebody()
        found = {
            "access": mint.token(user),
            "user": str(user.user_id),
            "tenant": str(user.tenant_id),
        }
        headers = {**DEVICE, "authorization": f"Bearer {found['access']}"}
        for name in ("session", "other"):
            made = await service.call("SessionsService/CreateSession", headers, name=name)
            found[name] = made["session"]["sessionId"]
        listed = await service.call("SessionsService/ListSessions", headers, pageSize=1)
        return {**found, "page": listed["nextPageToken"]}

    return FuzzedService(build, secrets)
