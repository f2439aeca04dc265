"""Reads answers: the data in the envelope, or the error that it stands for."""

from collections.abc import Mapping
from typing import Any

import httpx

from coditect_client.errors import BY_CODE
from coditect_client.exceptions import ApiError, FieldViolation, NetworkError, Refusal

Json = dict[str, Any]


def error_for(refusal: Refusal) -> ApiError:
    """The error of the class for its code; `ApiError` itself for a code that is not known."""
    return BY_CODE.get(refusal.code, ApiError)(refusal)


def data_of(answer: httpx.Response, *, enveloped: bool) -> Any:
    """What the API answered; raises `ApiError`, or `NetworkError` if it is no answer of the API."""
    if answer.is_error:
        raise error_of(answer)
    body = _body(answer)
    if not enveloped:
        return body
    if not answer.is_success or body.get("success") is not True or "data" not in body:
        raise _foreign(answer)
    return body["data"]


def error_of(answer: httpx.Response) -> ApiError:
    """The error in an answer; raises `NetworkError` if the API has not given it."""
    body = _body(answer)
    error = body.get("error")
    if isinstance(error, dict) and isinstance(error.get("code"), str):
        return error_for(_refusal(answer, error))
    if isinstance(error, str):  # OAuth: RFC 6749, section 5.2
        message = str(body.get("error_description", error))
        return error_for(_refusal(answer, {"code": error.upper(), "message": message}))
    raise _foreign(answer)


def retry_after(answer: httpx.Response) -> float | None:
    """The seconds in `Retry-After`; the API sends no dates there."""
    try:
        return max(0.0, float(answer.headers["retry-after"]))
    except (KeyError, ValueError):
        return None


def _refusal(answer: httpx.Response, error: Json) -> Refusal:
    metadata: dict[str, str] = {}
    violations: list[FieldViolation] = []
    for detail in error.get("details") or ():
        metadata |= detail.get("metadata") or {}
        violations += map(_violation, detail.get("fieldViolations") or ())
    return Refusal(
        code=error["code"],
        message=str(error.get("message", "")),
        status=answer.status_code,
        request_id=str(error.get("requestId") or answer.headers.get("x-request-id", "")),
        metadata=metadata,
        violations=tuple(violations),
        retry_after=retry_after(answer),
    )


def _violation(found: Mapping[str, str]) -> FieldViolation:
    return FieldViolation(found["field"], found.get("reason", ""), found.get("description", ""))


def _body(answer: httpx.Response) -> Json:
    if answer.is_success and not answer.content:  # a revocation of a token (RFC 7009)
        return {}
    try:
        body = answer.json()
    except ValueError:
        raise _foreign(answer) from None
    if not isinstance(body, dict):
        raise _foreign(answer)
    return body


def _foreign(answer: httpx.Response) -> NetworkError:
    where = f"{answer.request.url.scheme}://{answer.request.url.netloc.decode('ascii')}"
    return NetworkError(f"{where} answered {answer.status_code}, but not as Coditect does.")
