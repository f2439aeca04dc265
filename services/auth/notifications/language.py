"""The languages of emails: which there are, and which one a client asks for.

A language is one file in `languages/`, named by its tag (BCP 47).
"""

from pathlib import Path

from kernel.fields import Fields

FOLDER = Path(__file__).parent / "languages"
DEFAULT = "en"
"""For those who ask for no language that there is."""
LANGUAGES = tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))

_RANGES = 20  # so many are read of a request


def language_of(accept_language: str) -> str:
    """The language for an Accept-Language header (RFC 9110, section 12.5.4); `en` if none fits.

    A range fits by its primary subtag, so `de-AT` gets German. Of two that are wanted alike, the
    first counts. What cannot be read does not count.
    """
    wanted: dict[str, float] = {}
    for text in accept_language.split(",")[:_RANGES]:
        name, *parameters = (part.strip().lower() for part in text.split(";"))
        language = DEFAULT if name == "*" else name.partition("-")[0]
        if language in LANGUAGES:
            wanted.setdefault(language, _quality(parameters))
    best = max(wanted, key=lambda language: wanted[language], default=DEFAULT)
    return best if wanted.get(best, 0) > 0 else DEFAULT


def check_language(fields: Fields, language: str) -> None:
    """Notes a language that does not exist."""
    if language not in LANGUAGES:
        fields.refuse("language", "UNKNOWN", f"Must be one of: {', '.join(LANGUAGES)}.")


def _quality(parameters: list[str]) -> float:
    """The weight of a range: 1 if it has none, 0 if it cannot be read."""
    if not parameters:
        return 1.0
    name, _, text = parameters[0].partition("=")
    try:
        quality = float(text)
    except ValueError:
        return 0.0
    return quality if name.strip() == "q" and 0 <= quality <= 1 else 0.0
