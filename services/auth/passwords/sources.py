"""The sources of breached passwords that the settings name."""

from services.auth.passwords.breached import BreachedSource
from services.auth.passwords.breached_file import BreachedFile
from services.auth.settings import AuthSettings


def sources_of(settings: AuthSettings) -> list[BreachedSource]:
    """The sources, the nearest first."""
    sources: list[BreachedSource] = []
    if settings.breached_passwords_file is not None:
        sources.append(BreachedFile(settings.breached_passwords_file))
    if settings.breached_passwords_url is not None:
        # Its HTTP client takes 3 MB: only where the setting asks for it.
        from services.auth.passwords.breached_range import BreachedRange  # noqa: PLC0415

        sources.append(BreachedRange(settings.breached_passwords_url))
    return sources
