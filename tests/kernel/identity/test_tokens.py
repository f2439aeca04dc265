"""Access tokens are accepted only if auth signed them, for this audience, and they are current."""

import base64
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kernel.errors import AccessTokenExpired, AccessTokenInvalid, ReauthenticationRequired
from kernel.identity import tokens
from kernel.identity.callers import Assurance, Caller, Role
from kernel.identity.signatures import Algorithm
from kernel.identity.tokens import Verifier
from tests.support.clock import START, FixedClock
from tests.support.tokens import AUDIENCE, ISSUER, Mint, somebody

NOW = int(START.timestamp())
USER = somebody(role=Role.ADMIN)


class VerifierHarness:
    """A verifier and a mint that it trusts."""

    def __init__(self, algorithm: Algorithm) -> None:
        self.clock = FixedClock()
        self.mint = Mint(self.clock, algorithm)
        self.verifier = Verifier(ISSUER, AUDIENCE, self.clock)
        self.verifier.trust(self.mint.keys)

    def refuses(self, token: str) -> bool:
        """Whether a token is invalid."""
        try:
            self.verifier.verify(token)
        except AccessTokenInvalid:
            return True
        return False


@pytest.fixture(params=Algorithm)
def harness(request: pytest.FixtureRequest) -> VerifierHarness:
    """A verifier and a mint that it trusts, of each algorithm."""
    return VerifierHarness(request.param)


def part(value: Any) -> str:
    """An encoded part of a JWT."""
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def test_a_good_token(harness: VerifierHarness) -> None:
    """The caller has the token's claims, at first and from the cache."""
    token = harness.mint.token(USER)
    caller = Caller(
        USER.user_id,
        USER.tenant_id,
        Role.ADMIN,
        USER.login_id,
        NOW,
        NOW + 900,
        email_verified=True,
        auth_second=NOW,
    )
    assert [harness.verifier.verify(token) for _ in range(2)] == [caller, caller]


def test_a_token_of_an_older_version(harness: VerifierHarness) -> None:
    """A token that does not say how surely its user is known is one of the lowest assurance."""
    caller = harness.verifier.verify(harness.mint.token(USER, acr=None, amr=None))
    assert caller.assurance is Assurance.AAL1
    assert not caller.has_second_factor
    assert not caller.second_factor_required


@pytest.mark.parametrize(
    ("age", "recent"),
    [(300, True), (301, False), (-5, True), (-6, False)],
)
def test_the_age_of_a_proof(harness: VerifierHarness, age: int, recent: bool) -> None:
    """A proof is recent up to the maximum age; one from the future is not, beyond a small difference."""
    caller = harness.verifier.verify(harness.mint.token(USER, auth_time=NOW - age))
    if recent:
        harness.verifier.check_recent(caller, 300)
        return
    with pytest.raises(ReauthenticationRequired) as error:
        harness.verifier.check_recent(caller, 300)
    assert error.value.metadata == {"maxAgeSeconds": "300", "proof": "password"}


def test_alg_none(harness: VerifierHarness) -> None:
    """A token without a signature is invalid, however `none` is spelled."""
    _, claims, signature = harness.mint.token(USER).split(".")
    for algorithm in ("none", "None", "NONE", "", None):
        header = part({"alg": algorithm, "typ": tokens.TYPE, "kid": "test"})
        assert harness.refuses(f"{header}.{claims}.")
        assert harness.refuses(f"{header}.{claims}.{signature}")


def test_hs256_with_the_public_key(harness: VerifierHarness) -> None:
    """The public key is not accepted as a shared secret, in any encoding."""
    _, claims, _ = harness.mint.token(USER).split(".")
    ((_, raw),) = harness.mint.keys.values()
    public = harness.mint._key.public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    header = part({"alg": "HS256", "typ": tokens.TYPE, "kid": "test"})
    for secret in (raw, pem, b""):
        signature = hmac.digest(secret, f"{header}.{claims}".encode(), "sha256")
        assert harness.refuses(f"{header}.{claims}.{part(signature)}")


@pytest.mark.parametrize(
    "header",
    [
        {"kid": "other"}, {"kid": ""}, {"kid": None}, {"kid": 1}, {"kid": ["test"]},
        {"kid": "../test"}, {"typ": "JWT"}, {"typ": None}, {"typ": "AT+JWT "}, {"alg": "RS256"},
        {"crit": ["b64"], "b64": False},
    ],
    ids=str,
)  # fmt: skip
def test_bad_headers(harness: VerifierHarness, header: dict[str, Any]) -> None:
    """Key id, type and algorithm must be exactly ours, even if the signature is right."""
    _, claims, _ = harness.mint.token(USER).split(".")
    full = {"alg": harness.mint.algorithm, "typ": tokens.TYPE, "kid": "test", **header}
    signed = f"{part({k: v for k, v in full.items() if v is not None})}.{claims}"
    assert harness.refuses(f"{signed}.{part(harness.mint.signature(signed))}")


def test_a_key_is_good_for_its_own_algorithm_alone(harness: VerifierHarness) -> None:
    """A token of the other algorithm is refused, under the id of either key, and so is one whose header lies."""
    (other,) = set(Algorithm) - {harness.mint.algorithm}
    second = VerifierHarness(other)
    both = harness.mint.keys | {"second": second.mint.keys["test"]}
    harness.verifier.trust(both)
    claims = base64.urlsafe_b64decode(harness.mint.token(USER).split(".")[1] + "==")
    assert not harness.refuses(signed(second, HEADER.replace(b"test", b"second"), claims))
    assert harness.refuses(signed(second, HEADER, claims))
    lie = HEADER.replace(b"ALGORITHM", harness.mint.algorithm.encode())
    assert harness.refuses(signed(second, lie, claims))
    assert harness.refuses(signed(second, lie.replace(b"test", b"second"), claims))


def test_a_key_in_the_token_is_ignored(harness: VerifierHarness) -> None:
    """A key in the token's header is ignored."""
    stranger = Ed25519PrivateKey.generate()
    claims = jwt.decode(harness.mint.token(USER), options={"verify_signature": False})
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": part(stranger.public_key().public_bytes_raw())}
    for kid in ("test", "stranger"):
        headers = {"kid": kid, "typ": tokens.TYPE, "jwk": jwk}
        assert harness.refuses(jwt.encode(claims, stranger, "EdDSA", headers))


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.local"}, {"iss": ISSUER + "/"}, {"iss": ""},
        {"aud": "other"}, {"aud": ""}, {"aud": []}, {"aud": 1},
        {"sub": "x"}, {"sub": 1}, {"tenant_id": "x"}, {"tenant_id": 1}, {"sid": ""},
        {"role": "root"}, {"role": "OWNER"}, {"role": 3}, {"role": ["owner"]},
        {"iat": "now"}, {"iat": []}, {"exp": "never"}, {"exp": {}}, {"jti": 1}, {"jti": "x"},
        {"iat": NOW + 6}, {"iat": NOW + 3600}, {"iat": float("inf")}, {"exp": float("inf")},
        {"exp": float("nan")}, {"iat": float(NOW)}, {"exp": NOW + 900.0}, {"exp": NOW + 0.5},
        {"iat": str(NOW)}, {"exp": str(NOW + 900)}, {"iat": True}, {"exp": True}, {"iat": -1},
        {"aud": [AUDIENCE]}, {"aud": [AUDIENCE, "other"]}, {"nbf": NOW},
        {"tenant_epoch": 1.0}, {"tenant_epoch": -1}, {"tenant_epoch": "1"}, {"tenant_epoch": True},
        {"tenant_suspended": 1}, {"tenant_suspended": "false"}, {"tenant_suspended": "true"},
        {"tenant_suspended": []},
        {"auth_time": None}, {"auth_time": -1}, {"auth_time": float(NOW)}, {"auth_time": True},
        {"email_verified": None}, {"email_verified": 1}, {"email_verified": "true"},
        {"client_id": None}, {"client_id": ""}, {"client_id": 1}, {"scope": None}, {"scope": ""},
        {"scope": ["login"]}, {"scope": "login root"}, {"scope": "login  email"},
        {"scope": " login"}, {"scope": "LOGIN"}, {"act": "x"}, {"act": {}}, {"act": {"sub": 1}},
        {"act": []}, {"token_id": "x"}, {"session_id": 1}, {"service_account": "true"},
    ],
    ids=str,
)  # fmt: skip
def test_bad_claims(harness: VerifierHarness, claims: dict[str, Any]) -> None:
    """A signed token with a wrong claim, or from the future, is invalid."""
    assert harness.refuses(harness.mint.token(USER, **claims))


@pytest.mark.parametrize("claim", ["sub", "tenant_id", "sid", "jti"])
@pytest.mark.parametrize(
    "spelling", [str.upper, "{{{}}}".format, "urn:uuid:{}".format, lambda text: text.replace("-", "")],
    ids=["capitals", "braces", "urn", "no hyphens"],
)  # fmt: skip
def test_an_id_has_one_spelling(
    harness: VerifierHarness, claim: str, spelling: Callable[[str], str]
) -> None:
    """An id is lowercase with hyphens: a library may accept more."""
    id_ = "6af79b48-04a7-579a-9a14-b91092a3db3f"
    assert not harness.refuses(harness.mint.token(USER, **{claim: id_}))
    assert harness.refuses(harness.mint.token(USER, **{claim: spelling(id_)}))


def signed(harness: VerifierHarness, header: bytes, claims: bytes) -> str:
    """A token with this header and these claims, signed with the right key."""
    header = header.replace(b"ALGORITHM", harness.mint.algorithm.encode())
    text = f"{part(header)}.{part(claims)}"
    return f"{text}.{part(harness.mint.signature(text))}"


HEADER = b'{"alg":"ALGORITHM","typ":"at+jwt","kid":"test"}'


@pytest.mark.parametrize(
    "header",
    [
        HEADER.replace(b"{", b'{"kid":"test",'), HEADER.replace(b"{", b'{"alg":"none",'),
        HEADER.replace(b"{", b'{"\\u0074yp":"JWT",'), HEADER.replace(b"{", b'{"crit":["exp"],'),
        HEADER.replace(b"{", b'{"crit":[],'), HEADER + b" x", b"\xef\xbb\xbf" + HEADER,
    ],
)  # fmt: skip
def test_a_header_says_each_thing_once(harness: VerifierHarness, header: bytes) -> None:
    """A member given twice, a critical extension and anything behind the object are refused."""
    claims = harness.mint.token(USER).split(".")[1]
    decoded = base64.urlsafe_b64decode(claims + "==")
    assert not harness.refuses(signed(harness, HEADER, decoded))
    assert harness.refuses(signed(harness, header, decoded))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"role":"admin"', b'"role":"admin","role":"owner"'),
        (b'"role":"admin"', b'"role":"owner","role":"admin"'),
        (b'"sub":', b'"s\\u0075b":"6af79b48-04a7-579a-9a14-b91092a3db3f","sub":'),
        (b'"iat":1893553445', b'"iat":1893553445.0'), (b'"iat":1893553445', b'"iat":1893553445e0'),
        (b'"iat":1893553445', b'"iat":18935534450E-1'),
        (b'"tenant_epoch":0', b'"tenant_epoch":0,"x":1.5'),
    ],
)  # fmt: skip
def test_claims_say_each_thing_once(harness: VerifierHarness, old: bytes, new: bytes) -> None:
    """Of a claim given twice, or a number in another spelling, two readers may read two things."""
    claims = base64.urlsafe_b64decode(harness.mint.token(USER).split(".")[1] + "==")
    assert old in claims
    assert not harness.refuses(signed(harness, HEADER, claims))
    assert harness.refuses(signed(harness, HEADER, claims.replace(old, new)))


def test_no_other_spelling_of_a_good_token(harness: VerifierHarness) -> None:
    """Padding, line ends, blanks, further parts and other last bits make no second token."""
    good = harness.mint.token(USER)
    header, claims, signature = good.split(".")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet[alphabet.index(signature[-1]) ^ 1]  # 64 bytes leave four bits unused
    others = [
        good + "==", good + "=", good + "\n", good + "\r\n", " " + good, good + " ", good + "!!!!",
        good + ".", "." + good, good + ".e30", f"{header}=.{claims}.{signature}",
        f"{header}.{claims}=.{signature}", f"{header}.{claims}==.{signature}",
        f"{header}\n.{claims}.{signature}", f"{header}.{claims}..{signature}", signature[:-1] + last,
        f"{header}.{claims}.{signature[:-1]}{last}", f"{header}.{claims}.{signature[:-1]}",
    ]  # fmt: skip
    for other in others:
        assert harness.refuses(other), ascii(other[-8:])
    assert not harness.refuses(good)


def test_a_padded_header_is_refused_although_it_is_signed(harness: VerifierHarness) -> None:
    """Not even the right key signs a part in another spelling: auth never writes one."""
    header, claims, _ = harness.mint.token(USER).split(".")
    for text in (f"{header}=.{claims}", f"{header}.{claims}\n", f"{header}.{claims}=="):
        assert harness.refuses(f"{text}.{part(harness.mint.signature(text))}")


def test_a_token_lives_no_longer_than_the_setting(harness: VerifierHarness) -> None:
    """A token is good until min(exp, iat + TOKEN_SECONDS), cached or not."""
    verifier = Verifier(ISSUER, AUDIENCE, harness.clock, 30)
    verifier.trust(harness.mint.keys)
    long, short = harness.mint.token(USER), harness.mint.token(USER, exp=NOW + 10)
    assert verifier.verify(long).expire_second == NOW + 30
    assert verifier.verify(short).expire_second == NOW + 10
    harness.clock.advance(seconds=29.9)
    verifier.verify(long)
    for token in (long, short):
        harness.clock.advance(seconds=0.1)
        with pytest.raises(AccessTokenExpired):
            verifier.verify(token)
    assert not harness.refuses(long)


def test_a_clock_set_back_trusts_no_token_from_the_future(harness: VerifierHarness) -> None:
    """A token that was good before is refused, cached or not, until the clock has come so far."""
    token = harness.mint.token(USER)
    harness.verifier.verify(token)
    harness.clock.set_ahead(seconds=-6)
    assert harness.refuses(token)
    harness.clock.advance(seconds=1)
    assert not harness.refuses(token)


@pytest.mark.parametrize(
    "claim", ["iss", "aud", "sub", "tenant_id", "role", "sid", "jti", "iat", "exp"]
)
def test_missing_claims(harness: VerifierHarness, claim: str) -> None:
    """A token that lacks any claim is invalid."""
    assert harness.refuses(harness.mint.token(USER, **{claim: None}))


@pytest.mark.parametrize(
    "token",
    ["", ".", "..", "...", "a.b.c", "x" * 7000, "\u00e9.\u00e9.\u00e9", "\0",
     part(b"[" * 3000) + ".e30.AA", part({"alg": "EdDSA"}) + "." + part(b"[" * 3000) + ".AA",
     part(b"\xff\xfe") + ".e30.AA", part([]) + ".e30.AA", part("text") + ".e30.AA"],
    ids=lambda token: ascii(token)[:16],
)  # fmt: skip
def test_garbage(harness: VerifierHarness, token: str) -> None:
    """Any garbage causes the same error."""
    assert harness.refuses(token)


def test_any_changed_character(harness: VerifierHarness) -> None:
    """A token with any character changed is invalid."""
    token = harness.mint.token(USER)
    signed = token.rpartition(".")[0]
    for position in range(0, len(signed), 7):
        other = "A" if token[position] != "A" else "B"
        assert harness.refuses(token[:position] + other + token[position + 1 :])


def test_signed_garbage(harness: VerifierHarness) -> None:
    """Signed claims that are not an object, or nested too deeply, are invalid."""
    for claims in (b"[]", b"1", b"", b"{", b'{"a":' * 3000):
        assert harness.refuses(signed(harness, HEADER, claims))


def test_clocks_may_differ_a_little(harness: VerifierHarness) -> None:
    """A token issued up to five seconds ahead of our clock is valid."""
    assert harness.verifier.verify(harness.mint.token(USER, iat=NOW + 5)).issue_second == NOW + 5


def test_expiry_is_exact_and_not_cached_away(harness: VerifierHarness) -> None:
    """A token is valid until the second of its `exp`, cached or not."""
    known, unknown = harness.mint.token(USER), harness.mint.token(USER)
    harness.verifier.verify(known)
    harness.clock.advance(seconds=899)
    harness.verifier.verify(known)
    harness.clock.advance(seconds=0.999)
    harness.verifier.verify(known)
    harness.clock.advance(seconds=0.001)
    for token in (known, unknown):
        with pytest.raises(AccessTokenExpired):
            harness.verifier.verify(token)


def test_the_clock_of_the_machine_does_not_matter() -> None:
    """Only the verifier's own clock matters."""
    past = Mint(FixedClock(datetime(2001, 1, 1, tzinfo=UTC)))
    clock = FixedClock(datetime(2001, 1, 1, tzinfo=UTC) + timedelta(minutes=1))
    verifier = Verifier(ISSUER, AUDIENCE, clock)
    verifier.trust(past.keys)
    assert verifier.verify(past.token(USER)).user_id == USER.user_id


def test_a_retired_key_is_not_cached(harness: VerifierHarness) -> None:
    """When a key is no longer trusted, cached tokens of it are rejected, too."""
    token = harness.mint.token(USER)
    harness.verifier.verify(token)
    harness.verifier.trust({"other": next(iter(harness.mint.keys.values()))})
    assert harness.refuses(token)
    harness.verifier.trust(harness.mint.keys)
    assert not harness.refuses(token)


def test_without_keys_no_token_is_valid(harness: VerifierHarness) -> None:
    """A verifier without keys rejects every token."""
    assert Verifier(ISSUER, AUDIENCE, harness.clock)._keys == {}
    harness.verifier.trust({})
    assert harness.refuses(harness.mint.token(USER))


def test_the_cache_is_bounded(harness: VerifierHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond its size the cache drops the oldest tokens, which are then verified again."""
    monkeypatch.setattr(tokens, "_CACHE_SIZE", 3)
    some = [harness.mint.token(USER) for _ in range(10)]
    for token in (*some, *some):
        harness.verifier.verify(token)
    assert len(harness.verifier._seen) == 3


def test_bad_tokens_are_not_cached(harness: VerifierHarness) -> None:
    """Invalid tokens take no memory."""
    for number in range(10):
        assert harness.refuses(f"garbage {number}")
    assert harness.verifier._seen == {}
