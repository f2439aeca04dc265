"""docs/settings.md lists the settings of every program."""

import importlib
import os
import re
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import Field, SecretStr

from kernel.mail.route import MailRoute
from kernel.mail.settings import MailSetting
from kernel.settings import AddressesSetting, KeysSetting, Settings
from tools.docs import settings as reference

ROOT = Path(__file__).parents[2]
PACKAGES = ("kernel", "services", "gateway")


class Told(Settings):
    """Settings of every kind.

    Attributes:
        threads: As many as the machine
            has processors.
        peers: Who else there is.
    """

    threads: Annotated[int, Field(ge=1)] = os.cpu_count() or 1
    peers: AddressesSetting
    pause: Annotated[float, Field(gt=0, lt=2.5)] = 2.0
    """Between two rounds, a | b."""
    level: Literal["LOW", "HIGH"] | None = None
    """How much."""
    key: SecretStr = SecretStr("hunter2")
    """Unlocks the store."""


class More(Told):
    """One more, beside those."""

    folder: Path = Path("/srv/mine")
    """Where it is."""


class Silent(Settings):
    """A class with a setting that lacks a description."""

    described: int = 1
    """What it does."""
    nameless: int = 2


def _classes(base: type[Settings]) -> list[type[Settings]]:
    """The settings classes of the product that have their own fields."""
    below = [found for each in base.__subclasses__() for found in _classes(each)]
    product = base.__module__.startswith(PACKAGES) and reference.own(base)
    return [base, *below] if product else below


def _rows(document: str) -> dict[str, list[list[str]]]:
    """The cells of each row, by the heading above."""
    sections = re.split(r"^## (.+)\n", document, flags=re.MULTILINE)[1:]
    return {
        heading: [
            re.split(r" (?<!\\)\| ", row)
            for row in re.findall(r"^\| (`[A-Z].*) \|$", text, re.MULTILINE)
        ]
        for heading, text in zip(sections[::2], sections[1::2], strict=True)
    }


def test_document_is_up_to_date() -> None:
    """It matches the declarations; `make settings` writes it."""
    document = ROOT / reference.DOCUMENT
    assert reference.main(["--check", "--output", str(document)]) == 0


def test_drift_is_rejected(tmp_path: Path) -> None:
    """The check fails on an old or missing document, and passes after writing."""
    document = tmp_path / "settings.md"
    assert reference.main(["--check", "--output", str(document)]) == 1
    assert reference.main(["--output", str(document)]) == 0
    assert reference.main(["--check", "--output", str(document)]) == 0
    document.write_text("old")
    assert reference.main(["--check", "--output", str(document)]) == 1


def test_every_setting_is_listed_once() -> None:
    """Each settings class has one table, and each of its own fields one row in it."""
    for path in (path for package in PACKAGES for path in (ROOT / package).rglob("settings.py")):
        importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    classes = _classes(Settings)
    assert len(reference.SECTIONS) == len(set(reference.SECTIONS.values()))
    assert set(classes) == set(reference.SECTIONS.values())

    listed = _rows((ROOT / reference.DOCUMENT).read_text(encoding="utf-8"))
    assert {heading: [row[0] for row in rows] for heading, rows in listed.items()} == {
        heading: [f"`{field.upper()}`" for field in reference.own(declared)]
        for heading, declared in reference.SECTIONS.items()
    }
    fields = {name for declared in classes for name in declared.model_fields}
    assert {f"`{name.upper()}`" for name in fields} == {
        row[0] for rows in listed.values() for row in rows
    }


def test_row_says_what_the_field_does() -> None:
    """A row has the default, but no secret or machine-specific value, and the bounds."""
    rows = _rows(reference.render({"Told": Told, "More": More}))
    assert rows == {
        "Told": [
            [
                "`THREADS`",
                "computed: `os.cpu_count() or 1`",
                "whole number, at least 1",
                "As many as the machine has processors.",
            ],
            ["`PEERS`", "required", "list: host:port, length at least 1", "Who else there is."],
            [
                "`PAUSE`",
                "`2`",
                "number, above 0, below 2.5",
                r"Between two rounds, a \| b.",
            ],
            ["`LEVEL`", "none", "one of `LOW`, `HIGH`", "How much."],
            ["`KEY`", "not shown", "secret text", "Unlocks the store."],
        ],
        "More": [["`FOLDER`", "`/srv/mine`", "path", "Where it is."]],
    }


def test_undescribed_setting_is_rejected() -> None:
    """A setting without a description is an error that names the setting."""
    with pytest.raises(reference.SettingUnclear, match=r"Silent\.nameless: nothing says"):
        reference.render({"Silent": Silent})


def test_default_with_a_password_is_rejected() -> None:
    """A parsed default may contain a password, so it is rejected and not quoted."""

    class EmailJob(Settings):
        """Settings with a mail server built in."""

        seals: KeysSetting = ()
        """Decrypts emails."""
        mail: MailSetting = MailRoute.parse("smtp://ada:hunter2@mail")
        """How mail is sent."""

    with pytest.raises(reference.SettingUnclear, match=r"\.mail: its default is a") as refused:
        reference.render({"EmailJob": EmailJob})
    assert "hunter2" not in str(refused.value)
