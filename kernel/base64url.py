"""Base64url (RFC 4648 §5) with exactly one spelling of each value.

The decoders of libraries skip characters that they do not know, take padding that is too much, and
ignore the last bits. Then several texts are the same token, and a check of the text misses some.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode


def encode(data: bytes) -> str:
    """The data in base64url, without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """The inverse of `encode`. Raises `ValueError` for any text that `encode` does not write."""
    data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if encode(data) != text:
        raise ValueError("Not base64url as it is written.")
    return data


def check_padded(text: str) -> None:
    """Raises `ValueError` unless the text is base64url with its padding, as Fernet writes it."""
    if urlsafe_b64encode(urlsafe_b64decode(text)).decode() != text:
        raise ValueError("Not base64url as it is written.")
