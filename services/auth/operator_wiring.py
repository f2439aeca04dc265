"""Which rule of operators uses which; see `wiring`."""

from dataclasses import dataclass

from services.auth.accounts.export import ExportAccount
from services.auth.operator_users.access import OperatorAccess
from services.auth.operator_users.acts import OperatorActs
from services.auth.operator_users.keeping import OperatorKeeping
from services.auth.operator_users.looking import OperatorLooking
from services.auth.operator_users.recovering import OperatorRecovering
from services.auth.wiring import Parts


@dataclass(frozen=True, slots=True)
class OperatorUsers:
    """The use cases of operators with users."""

    looking: OperatorLooking
    access: OperatorAccess
    recovering: OperatorRecovering
    keeping: OperatorKeeping


def operator_users(parts: Parts, export: ExportAccount) -> OperatorUsers:
    """Wires what operators do with users."""
    runtime, events = parts.runtime, parts.events
    acts = OperatorActs(runtime, parts.log, events)
    return OperatorUsers(
        OperatorLooking(runtime, acts, export),
        OperatorAccess(acts, parts.throttle, events),
        OperatorRecovering(acts, parts.proof_emails, parts.factors.changes, parts.throttle, events),
        OperatorKeeping(acts, parts.deletions),
    )
