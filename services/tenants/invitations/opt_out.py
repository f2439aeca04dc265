"""Opting out: the owner of a mailbox stops invitation emails to it, from all organizations.

The token in each email names the mailbox by its digest, with a MAC, so it needs no row. It works until
the seal key of its time is removed. The token can stop the emails and let them come again, and nothing
else: it holds neither the address nor whether there is an account.
"""

from hashlib import sha256

from kernel import base64url
from kernel.mail.mailbox import mailbox_of
from kernel.runtime import Runtime
from kernel.seal import Seal
from kernel.storage import Read, Write
from services.tenants.invitations import repository
from services.tenants.invitations.errors import OptOutTokenInvalid
from services.tenants.invitations.model import Invitation

_PURPOSE = "opting out of invitation emails"
_DIGEST_BYTES, _TAG_BYTES = 32, 16


class OptOuts:
    """The use case of the owner of a mailbox."""

    def __init__(self, runtime: Runtime) -> None:
        self._store = runtime.store
        self._seal = runtime.seal

    async def set(self, token: str, *, opted_out: bool) -> None:
        """Stops the invitation emails to the mailbox of a token, or lets them come again.

        Raises `OptOutTokenInvalid`. A repeat changes nothing.
        """
        mailbox = _mailbox_digest(self._seal, token)

        async def write(tx: Write) -> None:
            key = repository.OPT_OUT.key(mailbox)
            if opted_out:
                tx.set(key, b"")
            else:
                tx.clear(key)

        await self._store.write(write)


def opt_out_token(seal: Seal, invitation: Invitation) -> str:
    """The token of the mailbox that an invitation is mailed to, in base64url."""
    digest = _digest_of(invitation)
    return base64url.encode(digest + seal.mac(_PURPOSE, digest)[:_TAG_BYTES])


async def has_opted_out(tx: Read, invitation: Invitation) -> bool:
    """Whether no invitation is mailed to the mailbox of this one."""
    return await tx.get(repository.OPT_OUT.key(_digest_of(invitation))) is not None


def _digest_of(invitation: Invitation) -> bytes:
    # No secret is in it, so that it stays the same when the seal keys change.
    return sha256(mailbox_of(invitation.normalized_email).encode()).digest()


def _mailbox_digest(seal: Seal, token: str) -> bytes:
    """The digest in a token. Raises `OptOutTokenInvalid`."""
    try:
        data = base64url.decode(token)
    except ValueError:
        raise OptOutTokenInvalid from None
    digest, tag = data[:_DIGEST_BYTES], data[_DIGEST_BYTES:]
    if len(tag) != _TAG_BYTES or not seal.verify_mac(tag, _PURPOSE, digest):
        raise OptOutTokenInvalid
    return digest
