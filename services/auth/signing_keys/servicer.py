"""Between the contract and the signing keys: messages in, values through, messages out."""

from coditect.auth.v5 import keys_pb2, keys_pb2_grpc
from kernel import base64url
from kernel.identity.callers import current_call
from kernel.identity.signatures import Algorithm
from kernel.rpc.caching import cacheable
from kernel.rpc.interceptors import Context
from services.auth.signing_keys.model import SigningKey
from services.auth.signing_keys.rotation import SigningKeys

_KINDS = {Algorithm.EDDSA: ("OKP", "Ed25519"), Algorithm.ES256: ("EC", "P-256")}
"""Type and curve of the keys of an algorithm."""


class KeysServicer(keys_pb2_grpc.KeysServiceServicer):
    """Answers coditect.auth.v5.KeysService."""

    def __init__(self, signing_keys: SigningKeys) -> None:
        self._signing_keys = signing_keys

    async def GetJwks(
        self, request: keys_pb2.GetJwksRequest, context: Context
    ) -> keys_pb2.GetJwksResponse:
        answer = keys_pb2.GetJwksResponse(keys=map(_jwk, self._signing_keys.published))
        return cacheable(current_call(), answer, self._signing_keys.cache_seconds)


def _jwk(key: SigningKey) -> keys_pb2.Jwk:
    kty, crv = _KINDS[key.algorithm]
    x, *y = map(base64url.encode, key.public.coordinates)
    return keys_pb2.Jwk(
        kty=kty, crv=crv, x=x, y=y[0] if y else None, kid=key.kid, alg=key.algorithm, use="sig"
    )
