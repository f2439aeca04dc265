"""What is in the way of a person who proves an address: another account with it.

An account that has not proved the address is removed: the person who proves an address owns it. An account
that has proved it stays, and so does one that an operator gave it, has disabled, or holds.
"""

from datetime import datetime
from uuid import UUID

from kernel.emails import normalized_email
from kernel.storage import Write
from services.auth.accounts.erasure import EraseAccount
from services.auth.one_time_tokens.errors import OneTimeTokenInvalid
from services.auth.users.repository import user_of_email


async def take_over(
    tx: Write, erasure: EraseAccount, email: str, now: datetime, by: UUID | None = None
) -> bool:
    """Frees an address for the account of a person who has proved it; says whether one is removed.

    The wrong guesses at the address so far are forgotten.

    Args:
        tx: The transaction.
        erasure: Removes an account.
        email: The address, as it was typed.
        now: The time.
        by: The account that gets the address, if it exists already.

    Raises:
        OneTimeTokenInvalid: Another account keeps the address.
    """
    address = normalized_email(email)
    holder = await user_of_email(tx, address)
    if holder is not None and holder.user_id != by and holder.owned:
        raise OneTimeTokenInvalid
    # Else strangers could stop all logins to an account before it exists.
    await erasure.forget_guesses(tx, address)
    if holder is None or holder.user_id == by:
        return False
    await erasure.erase(tx, holder, now)
    return True
