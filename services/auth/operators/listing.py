"""Lists the operators, for operators."""

from kernel.runtime import Runtime
from kernel.storage import Read
from kernel.storage.recipes.paging import Listing, Page, PageTokens, list_name
from services.auth.operators.granting import known
from services.auth.operators.model import KnownOperator
from services.auth.operators.repository import OPERATORS


class OperatorList:
    """The use case of an operator who looks who else is one."""

    def __init__(self, runtime: Runtime) -> None:
        self._store = runtime.store
        self._page_tokens = PageTokens(runtime.seal)

    async def list(self, limit: int, token: str) -> Listing[KnownOperator]:
        """A page of the operators, in the order of their ids. Raises `PageTokenInvalid`."""

        async def read(tx: Read, after: bytes | None) -> Page[KnownOperator]:
            found = await OPERATORS.page(tx, after=after, limit=limit)
            return Page(await known(tx, found.items), found.last_key)

        return await self._page_tokens.list(self._store, list_name("operators"), token, read)
