"""Between the contract and the signing keys: messages in, values through, messages out."""

from coditect.auth.v5 import keys_pb2, keys_pb2_grpc
from kernel import base64url
from kernel.rpc.interceptors import Context
from services.auth.signing_keys.rotation import SigningKeys


class KeysServicer(keys_pb2_grpc.KeysServiceServicer):
    """Answers coditect.auth.v5.KeysService."""

    def __init__(self, signing_keys: SigningKeys) -> None:
        self._signing_keys = signing_keys

    async def GetJwks(
        self, request: keys_pb2.GetJwksRequest, context: Context
    ) -> keys_pb2.GetJwksResponse:
        return keys_pb2.GetJwksResponse(
            keys=[
                keys_pb2.Jwk(
                    kty="OKP",
                    crv="Ed25519",
                    x=base64url.encode(key.public_key),
                    kid=key.kid,
                    alg="EdDSA",
                    use="sig",
                )
                for key in self._signing_keys.published
            ]
        )
