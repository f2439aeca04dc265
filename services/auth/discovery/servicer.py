"""Between the contract and the metadata: values through, messages out."""

from coditect.auth.v5 import discovery_pb2, discovery_pb2_grpc
from kernel.identity.callers import current_call
from kernel.rpc.caching import cacheable
from kernel.rpc.interceptors import Context
from services.auth.discovery.metadata import Discovery
from services.auth.signing_keys.rotation import SigningKeys

_CACHE_SECONDS = 3600


class DiscoveryServicer(discovery_pb2_grpc.DiscoveryServiceServicer):
    """Answers coditect.auth.v5.DiscoveryService."""

    def __init__(self, discovery: Discovery, signing_keys: SigningKeys) -> None:
        self._discovery = discovery
        self._signing_keys = signing_keys

    async def GetAuthorizationServer(
        self, request: discovery_pb2.GetAuthorizationServerRequest, context: Context
    ) -> discovery_pb2.AuthorizationServerMetadata:
        return self._authorization_server()

    async def GetOpenIdConfiguration(
        self, request: discovery_pb2.GetOpenIdConfigurationRequest, context: Context
    ) -> discovery_pb2.AuthorizationServerMetadata:
        return self._authorization_server()

    async def GetProtectedResource(
        self, request: discovery_pb2.GetProtectedResourceRequest, context: Context
    ) -> discovery_pb2.ProtectedResourceMetadata:
        return self._protected_resource()

    async def GetProtectedResourceOfApi(
        self, request: discovery_pb2.GetProtectedResourceOfApiRequest, context: Context
    ) -> discovery_pb2.ProtectedResourceMetadata:
        return self._protected_resource()

    def _authorization_server(self) -> discovery_pb2.AuthorizationServerMetadata:
        # A new algorithm is known as early as its key.
        algorithms = [key.algorithm for key in self._signing_keys.published]
        answer = discovery_pb2.AuthorizationServerMetadata(
            **self._discovery.authorization_server(algorithms)
        )
        return cacheable(current_call(), answer, self._signing_keys.cache_seconds)

    def _protected_resource(self) -> discovery_pb2.ProtectedResourceMetadata:
        answer = discovery_pb2.ProtectedResourceMetadata(**self._discovery.protected_resource())
        return cacheable(current_call(), answer, _CACHE_SECONDS)
