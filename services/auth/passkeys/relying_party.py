"""The relying party of WebAuthn: the domain that passkeys belong to, and the pages that may use them."""

import re
from dataclasses import dataclass

from services.auth.settings import AuthSettings

NAME = "Coditect"
"""What browsers call the relying party."""
_LOCAL = re.compile(r"https?://localhost(:[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """The relying party of a deployment."""

    rp_id: str
    """The domain; passkeys are good for it and for no other."""
    origins: tuple[str, ...]
    """The origins of the pages that may ask for passkeys, as browsers write them."""
    is_local: bool
    """Whether pages of this host may, too, at any port: for a system on a laptop."""

    @classmethod
    def of(cls, settings: AuthSettings) -> "RelyingParty":
        """The relying party that the settings name."""
        rp_id, origins = settings.passkey_rp_id, settings.passkey_origins
        is_local = rp_id == "localhost" and not origins
        return cls(rp_id, origins or (f"https://{rp_id}",), is_local)

    def takes(self, origin: object) -> bool:
        """Whether a page of an origin may ask for passkeys."""
        if not isinstance(origin, str):
            return False
        return origin in self.origins or (self.is_local and _LOCAL.fullmatch(origin) is not None)
