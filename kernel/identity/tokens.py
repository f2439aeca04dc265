"""Verifies access tokens: JWTs signed with Ed25519 or ECDSA (RFC 9068; see `signatures`).

Only auth signs them; every service verifies them here. A token has exactly one spelling: that of
auth. So nothing that the gateway's Envoy or another reader takes for another token gets through.
"""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, Self
from uuid import UUID

import jwt

from kernel import base64url
from kernel.clock import Clock
from kernel.errors import AccessTokenExpired, AccessTokenInvalid
from kernel.identity import scopes
from kernel.identity.assurance import require_recent
from kernel.identity.callers import Assurance, Caller, Role
from kernel.identity.signatures import SIGNATURES, PublicKey
from kernel.identity.strict_json import parse_object
from kernel.settings import LONGEST_TOKEN_SECONDS, ServiceSettings

TYPE = "at+jwt"
# What decoding a token can raise, for parts that are missing, or of the wrong spelling or type.
_INVALID = (jwt.InvalidTokenError, KeyError, TypeError, ValueError, RecursionError)
_CACHE_SIZE = 10_000  # about 5 MB
_SKEW_SECONDS = 5  # clocks of two machines may differ this much


class Verifier:
    """Turns an access token into its caller.

    A token seen before costs a hash and a look-up in memory; its times are still checked each
    time. This class does not check revocations.

    Args:
        issuer: The `iss` of every token.
        audience: The `aud` of every token.
        clock: Tells whether a token is in force.
        token_seconds: How long a token is good after its `iat`, unless its `exp` is earlier.
    """

    def __init__(
        self,
        issuer: str,
        audience: str,
        clock: Clock,
        token_seconds: int = LONGEST_TOKEN_SECONDS,
    ) -> None:
        self._issuer = issuer
        self._audience = audience
        self._clock = clock
        self._token_seconds = token_seconds
        self._keys: dict[str, tuple[str, Any]] = {}  # algorithm and key, by id
        self._seen: dict[bytes, Caller] = {}

    @classmethod
    def of(cls, settings: ServiceSettings, clock: Clock) -> Self:
        """The verifier of a service."""
        issuer, audience = settings.token_issuer, settings.token_audience
        return cls(issuer, audience, clock, settings.token_seconds)

    def trust(self, keys: Mapping[str, PublicKey]) -> None:
        """Trusts these keys (by key id) and no others. Raises `ValueError` if one is no key."""
        self._keys = {kid: (key.algorithm, key.load()) for kid, key in keys.items()}
        self._seen.clear()

    def verify(self, token: str) -> Caller:
        """The caller of a valid token. Raises `AccessTokenInvalid`, `AccessTokenExpired`."""
        digest = sha256(token.encode()).digest()
        caller = self._seen.get(digest)
        if caller is None:
            caller = self._decode(token)
            if len(self._seen) >= _CACHE_SIZE:
                del self._seen[next(iter(self._seen))]
            self._seen[digest] = caller
        now = self._clock.milliseconds()
        if now >= caller.expire_second * 1000:
            raise AccessTokenExpired
        if now + _SKEW_SECONDS * 1000 < caller.issue_second * 1000:
            raise AccessTokenInvalid
        return caller

    def check_recent(self, caller: Caller, max_age_seconds: int) -> None:
        """Raises `ReauthenticationRequired` if the user's last proof of who they are is older."""
        require_recent(caller, max_age_seconds, self._clock.now())

    def _decode(self, token: str) -> Caller:
        try:
            return self._caller(self._claims(token))
        except _INVALID:
            raise AccessTokenInvalid from None

    def _claims(self, token: str) -> dict[str, Any]:
        """The claims of a token that is signed.

        The library verifies the signature. It reads more spellings than one, so the parts are
        read strictly as well. A key is good for its own algorithm alone.
        """
        header, *_ = (base64url.decode(part) for part in token.split("."))
        members = parse_object(header)
        algorithm, key = self._keys[members["kid"]]
        if (members["alg"], members["typ"]) != (algorithm, TYPE) or "crit" in members:
            raise ValueError("Not the header of an access token.")
        return parse_object(SIGNATURES.decode(token, key, [algorithm]))

    def _caller(self, claims: dict[str, Any]) -> Caller:
        if (claims["iss"], claims["aud"]) != (self._issuer, self._audience) or "nbf" in claims:
            raise ValueError("Not the claims of an access token.")
        _uuid(claims["jti"])
        issue_second = _whole(claims["iat"])
        # Where TOKEN_SECONDS has become smaller, this counts for older tokens, too. Envoy, at the
        # gateway, knows `exp` alone: what it lets through ends here.
        end = min(_whole(claims["exp"]), issue_second + self._token_seconds)
        token_id, session_id = (_optional_uuid(claims, name) for name in ("token_id", "session_id"))
        client_id = _text(claims["client_id"])
        actors = list(_actors(claims.get("act")))
        sources = token_id, session_id, *map(_client_source, dict.fromkeys((client_id, *actors)))
        return Caller(
            user_id=_uuid(claims["sub"]),
            tenant_id=_uuid(claims["tenant_id"]),
            role=Role.parse(claims["role"]),
            login_id=_uuid(claims["sid"]),
            issue_second=issue_second,
            expire_second=end,
            tenant_epoch=_whole(claims.get("tenant_epoch", 0)),
            tenant_suspended=_truth(claims.get("tenant_suspended", False)),
            email_verified=_truth(claims["email_verified"]),
            auth_second=_whole(claims["auth_time"]),
            assurance=Assurance.parse(claims.get("acr", str(Assurance.AAL1))),
            has_second_factor=_truth(claims.get("second_factor", False)),
            second_factor_required=_truth(claims.get("second_factor_required", False)),
            client_id=client_id,
            scopes=scopes.parse(_text(claims["scope"])),
            token_id=token_id,
            session_id=session_id,
            agent=actors[0] if actors else "",
            is_service_account=_truth(claims.get("service_account", False)),
            operator=_truth(claims.get("operator", False)),
            sources=tuple(source for source in sources if source is not None),
        )


def _whole(claim: object) -> int:
    if type(claim) is not int or claim < 0:  # a bool is an int
        raise TypeError("Not a whole number.")
    return claim


def _truth(claim: object) -> bool:
    if not isinstance(claim, bool):
        raise TypeError("Not a truth value.")
    return claim


def _text(claim: object) -> str:
    if not isinstance(claim, str) or not claim:
        raise TypeError("Not a text.")
    return claim


def _actors(act: object) -> Iterator[str]:
    """Who acts, and who has had the token before (RFC 8693, section 4.1): it ends with each of them."""
    while act is not None:
        if not isinstance(act, dict):
            raise TypeError("Not an actor.")
        yield _text(act["sub"])
        act = act.get("act")


def _optional_uuid(claims: Mapping[str, object], name: str) -> UUID | None:
    return _uuid(claims[name]) if name in claims else None


def _client_source(client_id: str) -> UUID | None:
    """The id by which the tokens of a client are revoked; None for one that cannot be deleted."""
    try:
        return UUID(client_id)
    except ValueError:
        return None


def _uuid(claim: object) -> UUID:
    if not isinstance(claim, str) or str(parsed := UUID(claim)) != claim:
        raise ValueError("Not an id as it is written.")
    return parsed
