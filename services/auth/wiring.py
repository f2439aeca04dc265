"""Which rule of auth uses which: put together here for the process and for the tests.

Each function wires one capability. `parts_of` makes what several of them share.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from kernel.runtime import Runtime
from kernel.telemetry import Telemetry
from services.auth.accounts.deletion import AccountDeletions, DeleteAccount
from services.auth.accounts.email_proof import EmailProof
from services.auth.accounts.erasure import EraseAccount
from services.auth.accounts.password_change import ChangePassword
from services.auth.accounts.pending_registration import PendingRegistrations
from services.auth.accounts.profile import AccountProfile
from services.auth.accounts.registration import RegisterAccount
from services.auth.accounts.registration_request import RequestRegistration
from services.auth.challenges.challenges import Challenges
from services.auth.email_addresses.change import ChangeEmail
from services.auth.email_addresses.earlier import EarlierAddresses
from services.auth.email_addresses.proofs import EmailProofs
from services.auth.email_addresses.registration import CompleteRegistration
from services.auth.email_addresses.undo import UndoEmailChange
from services.auth.email_addresses.verification import EmailVerification
from services.auth.factors.changes import FactorChanges
from services.auth.factors.listing import FactorList
from services.auth.factors.recovery import FactorRecovery
from services.auth.factors.sources import FactorSource
from services.auth.factors.undo import UndoFactor
from services.auth.logins.active_tenant import ActiveTenant, Tenants
from services.auth.logins.begin import BeginLogin
from services.auth.logins.confirmation import PasswordConfirmation
from services.auth.logins.devices import Devices
from services.auth.logins.failed_guesses import FailedGuesses
from services.auth.logins.outcomes import LoginOutcomes
from services.auth.logins.passkey_login import PasskeyLogin
from services.auth.logins.password_check import CheckPassword
from services.auth.logins.password_login import PasswordLogin
from services.auth.logins.reauthentication import Reauthentication
from services.auth.logins.refresh import RefreshLogin
from services.auth.logins.second_factor_login import SecondFactorLogin
from services.auth.logins.second_factors import SecondFactors
from services.auth.logins.start import StartLogin
from services.auth.logins.succession import LoginSuccession
from services.auth.logins.switch_tenant import SwitchTenant
from services.auth.logins.unknown_accounts import UnknownAccounts
from services.auth.notifications.emails import Emails
from services.auth.notifications.proof_emails import ProofEmails
from services.auth.one_time_tokens.model import Purpose
from services.auth.one_time_tokens.one_time_tokens import OneTimeTokens
from services.auth.one_time_tokens.presented import PresentedProofs
from services.auth.passkeys.lazy_ceremonies import LazyCeremonies
from services.auth.passkeys.passkeys import Passkeys
from services.auth.passkeys.registration import RegisterPasskey
from services.auth.passkeys.relying_party import RelyingParty
from services.auth.password_reset.forgot import ForgotPassword
from services.auth.password_reset.reset import ResetPassword
from services.auth.passwords.hashing import Passwords
from services.auth.recovery_codes.recovery_codes import RecoveryCodeFactor
from services.auth.revocations.log import RevocationLog
from services.auth.security_log.activity import Activity
from services.auth.security_log.events import SecurityEvents
from services.auth.settings import AuthSettings
from services.auth.throttling.failure_log import FailureLog
from services.auth.throttling.throttle import Throttle
from services.auth.tokens.access import AccessTokens
from services.auth.totp.enrollment import EnrollTotp
from services.auth.totp.totp import TotpFactor

FailureLogs: TypeAlias = Callable[[SecurityEvents], FailureLog]
"""Makes what takes part in the transactions that count failures."""


@dataclass(frozen=True, slots=True)
class FactorParts:
    """The kinds of second factors, and what they have in common."""

    challenges: Challenges
    totp: TotpFactor
    ceremonies: LazyCeremonies
    passkeys: Passkeys
    recovery_codes: RecoveryCodeFactor
    changes: FactorChanges
    recovery: FactorRecovery

    @property
    def sources(self) -> tuple[FactorSource, ...]:
        """All kinds, as factors of users."""
        return self.totp, self.passkeys, self.recovery_codes

    @property
    def of_logins(self) -> SecondFactors:
        """All kinds, as proofs in logins."""
        return SecondFactors((self.totp, self.passkeys, self.recovery_codes))


@dataclass(frozen=True, slots=True)
class Parts:
    """What several capabilities share."""

    runtime: Runtime
    settings: AuthSettings
    log: RevocationLog
    passwords: Passwords
    unknown_accounts: UnknownAccounts
    emails: Emails
    proof_emails: ProofEmails
    events: SecurityEvents
    throttle: Throttle
    presented: PresentedProofs
    check: CheckPassword
    outcomes: LoginOutcomes
    confirmation: PasswordConfirmation
    start: StartLogin
    succession: LoginSuccession
    factors: FactorParts
    pending: PendingRegistrations
    erasure: EraseAccount
    deletions: AccountDeletions
    must_verify: bool
    """Whether an address must be proved before its account is used."""


def parts_of(
    runtime: Runtime,
    settings: AuthSettings,
    telemetry: Telemetry,
    log: RevocationLog,
    access_tokens: AccessTokens,
    passwords: Passwords,
    failure_log: FailureLogs = FailedGuesses,
) -> Parts:
    """The parts of one process."""
    emails = Emails(runtime, settings)
    proof_emails = ProofEmails(runtime, settings, emails)
    events = SecurityEvents(telemetry, emails)
    throttle = Throttle(runtime, settings, failure_log(events))
    presented = PresentedProofs(runtime, OneTimeTokens(runtime), throttle)
    start = StartLogin(runtime, settings, access_tokens)
    succession = LoginSuccession(runtime, start)
    factors = _factor_parts(
        runtime, settings, log, presented, proof_emails, throttle, events, succession
    )
    unknown_accounts = UnknownAccounts(runtime, passwords)
    check = CheckPassword(passwords, unknown_accounts, telemetry)
    erasure = EraseAccount(throttle, factors.sources)
    return Parts(
        runtime=runtime,
        settings=settings,
        log=log,
        passwords=passwords,
        unknown_accounts=unknown_accounts,
        emails=emails,
        proof_emails=proof_emails,
        events=events,
        throttle=throttle,
        presented=presented,
        check=check,
        outcomes=LoginOutcomes(telemetry),
        confirmation=PasswordConfirmation(runtime, throttle, check),
        start=start,
        succession=succession,
        factors=factors,
        pending=PendingRegistrations(runtime, proof_emails),
        erasure=erasure,
        deletions=AccountDeletions(settings, erasure, events),
        must_verify=settings.registration == "verified",
    )


def _factor_parts(
    runtime: Runtime,
    settings: AuthSettings,
    log: RevocationLog,
    presented: PresentedProofs,
    proof_emails: ProofEmails,
    throttle: Throttle,
    events: SecurityEvents,
    succession: LoginSuccession,
) -> FactorParts:
    challenges, codes = Challenges(runtime), RecoveryCodeFactor(runtime, events)
    ceremonies = LazyCeremonies(RelyingParty.of(settings))
    totp, passkeys = TotpFactor(runtime.seal), Passkeys(ceremonies, events)
    changes = FactorChanges(
        runtime, (totp, passkeys, codes), codes, succession, proof_emails, throttle, log, events
    )
    recovery = FactorRecovery(
        runtime,
        settings,
        challenges,
        presented,
        proof_emails,
        changes,
        EarlierAddresses(runtime),
        log,
        events,
    )
    return FactorParts(challenges, totp, ceremonies, passkeys, codes, changes, recovery)


@dataclass(frozen=True, slots=True)
class Logins:
    """The use cases of logins."""

    password_login: PasswordLogin
    second_factor_login: SecondFactorLogin
    passkey_login: PasskeyLogin
    refresh: RefreshLogin
    devices: Devices
    switch_tenant: SwitchTenant
    reauthentication: Reauthentication


def logins(parts: Parts, tenants: Tenants) -> Logins:
    """Wires logins."""
    runtime, start, log, events = parts.runtime, parts.start, parts.log, parts.events
    throttle, factors = parts.throttle, parts.factors
    challenges, passkeys, lost = factors.challenges, factors.passkeys, factors.recovery
    active_tenant = ActiveTenant(tenants)
    begin = BeginLogin(runtime, start, throttle, events, parts.outcomes)
    second_factor = SecondFactorLogin(
        runtime, begin, active_tenant, throttle, challenges, factors.of_logins, passkeys, lost
    )
    return Logins(
        PasswordLogin(
            runtime,
            begin,
            active_tenant,
            throttle,
            parts.check,
            second_factor,
            parts.proof_emails if parts.must_verify else None,
        ),
        second_factor,
        PasskeyLogin(
            runtime,
            begin,
            active_tenant,
            throttle,
            challenges,
            passkeys,
            lost,
            events,
            must_verify=parts.must_verify,
        ),
        RefreshLogin(runtime, parts.settings, start, log, active_tenant, events),
        Devices(runtime, log, events),
        SwitchTenant(runtime, start, active_tenant, events),
        Reauthentication(
            runtime,
            parts.confirmation,
            throttle,
            challenges,
            factors.of_logins,
            passkeys,
            lost,
            parts.succession,
            log,
            events,
        ),
    )


@dataclass(frozen=True, slots=True)
class Factors:
    """The use cases of second factors."""

    factors: FactorList
    recovery: FactorRecovery
    undo: UndoFactor
    totp: EnrollTotp
    passkeys: RegisterPasskey
    recovery_codes: RecoveryCodeFactor


def factors(parts: Parts) -> Factors:
    """Wires second factors."""
    runtime, of = parts.runtime, parts.factors
    return Factors(
        FactorList(runtime, of.sources, of.recovery, of.changes),
        of.recovery,
        UndoFactor(
            runtime, parts.presented, parts.proof_emails, of.changes, parts.log, parts.events
        ),
        EnrollTotp(runtime, of.changes),
        RegisterPasskey(runtime, of.challenges, of.ceremonies, of.changes),
        of.recovery_codes,
    )


@dataclass(frozen=True, slots=True)
class Accounts:
    """The use cases of accounts. A deployment has one of the registrations."""

    registration: RegisterAccount
    registration_request: RequestRegistration
    profile: AccountProfile
    password_change: ChangePassword
    deletion: DeleteAccount
    email_proof: EmailProof
    activity: Activity


def accounts(parts: Parts) -> Accounts:
    """Wires accounts, with their security log."""
    runtime, passwords, log, events = parts.runtime, parts.passwords, parts.log, parts.events
    return Accounts(
        RegisterAccount(
            runtime,
            passwords,
            parts.start,
            parts.proof_emails,
            parts.pending,
            parts.throttle,
            events,
        ),
        RequestRegistration(runtime, passwords, parts.pending),
        AccountProfile(runtime),
        ChangePassword(runtime, passwords, parts.confirmation, log, events),
        DeleteAccount(runtime, parts.confirmation, parts.deletions, log, events),
        EmailProof(runtime, events),
        Activity(runtime, events),
    )


@dataclass(frozen=True, slots=True)
class EmailAddresses:
    """The use cases of addresses."""

    verification: EmailVerification
    proofs: EmailProofs
    change: ChangeEmail
    undo: UndoEmailChange


def email_addresses(parts: Parts) -> EmailAddresses:
    """Wires addresses."""
    runtime, emails, passwords = parts.runtime, parts.proof_emails, parts.passwords
    erasure, log, events = parts.erasure, parts.log, parts.events
    verification = EmailVerification(
        runtime, emails, passwords, parts.throttle, parts.check, erasure, log, events
    )
    change = ChangeEmail(runtime, emails, erasure, log, events)
    completion = CompleteRegistration(runtime, parts.pending, passwords, erasure, log, events)
    proofs = EmailProofs(
        parts.presented,
        {
            Purpose.VERIFY_EMAIL: verification,
            Purpose.REGISTER: completion,
            Purpose.CHANGE_EMAIL: change,
        },
    )
    changes = parts.factors.changes
    undo = UndoEmailChange(runtime, parts.presented, emails, erasure, changes, log, events)
    return EmailAddresses(verification, proofs, change, undo)


@dataclass(frozen=True, slots=True)
class PasswordReset:
    """The use cases of a forgotten password."""

    forgot: ForgotPassword
    reset: ResetPassword


def password_reset(parts: Parts) -> PasswordReset:
    """Wires the reset of a password."""
    return PasswordReset(
        ForgotPassword(parts.runtime, parts.proof_emails),
        ResetPassword(
            parts.runtime,
            parts.presented,
            parts.passwords,
            parts.erasure,
            parts.throttle,
            parts.log,
            parts.events,
        ),
    )
