"""The message of a factor, which several servicers send."""

from coditect.auth.v5 import factors_pb2
from kernel.clock import timestamp
from services.auth.factors.model import Factor


def factor_message(factor: Factor) -> factors_pb2.Factor:
    """A factor as its user sees it."""
    used = factor.last_used_time
    return factors_pb2.Factor(
        factor_id=str(factor.factor_id),
        kind=factor.kind,
        name=factor.name,
        create_time=timestamp(factor.create_time),
        last_used_time=None if used is None else timestamp(used),
        codes_left=factor.codes_left,
    )
