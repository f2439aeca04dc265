"""What can go wrong with a challenge, as callers see it."""

from kernel.errors import Kind, ServiceError


class ChallengeInvalid(ServiceError):
    """The challenge is unknown, used, expired, for something else or for another device: one answer for all."""

    kind = Kind.FORBIDDEN
    reason = "CHALLENGE_INVALID"
    message = "The challenge is not valid any more. Please start again."
