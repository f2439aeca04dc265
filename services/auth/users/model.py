"""What a user is."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class User:
    """A person with an account."""

    user_id: UUID
    email: str
    """As it was given; `normalized_email` of the kernel is what must be unique."""
    password_hash: str
    """Argon2id, PHC string format; in an imported account a hash of another form until its next login.
    Empty if the account has none: no password logs in."""
    first_name: str
    last_name: str
    company: str
    create_time: datetime
    password_revision: int = 0
    """Counts the changes of the password; a new hash of the same one is no change."""
    profile_revision: int = 0
    """Counts the changes of names and address."""
    active_tenant_id: UUID | None = None
    """The tenant that the next login is for; None for the self-tenant."""
    email_verify_time: datetime | None = None
    """When the user proved that the address is theirs; None before."""
    language: str = "en"
    """The language of emails to the user (BCP 47)."""
    second_factor: bool = False
    """Whether the user has an authenticator app or a passkey: no password alone logs in then."""
    operator: bool = False
    """Whether the user runs the product for others."""
    disable_time: datetime | None = None
    """Since when an operator has disabled the user; None for a user who may log in."""
    hold_time: datetime | None = None
    """Since when nothing erases the account; None without a legal hold."""
    delete_time: datetime | None = None
    """When the account is erased, unless a login undoes that; None if it is not to be deleted."""
    address_corrected: bool = False
    """Whether an operator gave the account its address, which the user has not proved since."""

    @property
    def email_verified(self) -> bool:
        """Whether the user has proved that the address is theirs."""
        return self.email_verify_time is not None

    @property
    def owned(self) -> bool:
        """Whether the account is that of the person who reads its mailbox.

        Another person may have made any other account: it starts over when its address is proved.
        """
        return self.email_verified or self.address_corrected

    @property
    def disabled(self) -> bool:
        """Whether no login of the user begins."""
        return self.disable_time is not None

    @property
    def held(self) -> bool:
        """Whether nothing erases the account."""
        return self.hold_time is not None
