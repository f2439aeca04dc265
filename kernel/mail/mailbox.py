"""Which addresses are one mailbox."""

_GOOGLE, _PROTON = ("gmail.com", "."), ("proton.me", "._-")
# By domain: the provider's main domain, and the characters of a local part that it ignores.
_PROVIDERS = {
    "gmail.com": _GOOGLE,
    "googlemail.com": _GOOGLE,
    "proton.me": _PROTON,
    "protonmail.com": _PROTON,
    "protonmail.ch": _PROTON,
    "pm.me": _PROTON,
}


def mailbox_of(normalized_email: str) -> str:
    """The mailbox of a normalized address, as its provider tells mailboxes apart.

    What follows a `+` does not count, because most servers ignore it (RFC 5233). Some providers ignore
    dots and other characters, too, and have several domains.
    """
    local, _, domain = normalized_email.rpartition("@")
    local = local.partition("+")[0]
    provider = _PROVIDERS.get(domain)
    if provider is not None:
        domain, ignored = provider
        local = "".join(character for character in local if character not in ignored)
    return f"{local}@{domain}"
