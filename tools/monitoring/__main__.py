"""`python -m tools.monitoring`: writes the chart's objectives and dashboards from their descriptions.

With `--check` it writes nothing, and fails if a file is out of date.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from tools.monitoring import dashboards, objectives

CHART = Path("charts/coditect")
DASHBOARDS = CHART / "dashboards"

_HEAD = """\
# Made by `make monitoring` from tools/monitoring/objectives.py: change that.
#
# The objectives of the API, of logins and of logouts, and alerts on how fast their budgets are used
# up. The chart renders this file like alerts.yaml.
"""


def files() -> Iterator[tuple[Path, str]]:
    """Each file, and what it must hold."""
    yield CHART / "objectives.yaml", _HEAD + _yaml(objectives.rules())
    for name, content in dashboards.all_of_them().items():
        text = json.dumps(content, indent=2, ensure_ascii=False)
        yield DASHBOARDS / f"{name}.json", text + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes or checks the files; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.monitoring")
    parser.add_argument("--check", action="store_true", help="only say whether they are up to date")
    check = parser.parse_args(arguments).check
    made = dict(files())
    stale = [path for path, text in made.items() if not _holds(path, text)]
    stale += [path for path in DASHBOARDS.glob("*") if path not in made]
    if check:
        for path in stale:
            print(f"{path} is out of date: run make monitoring", file=sys.stderr)
        return int(bool(stale))
    for path in stale:
        if path in made:
            path.parent.mkdir(exist_ok=True)
            path.write_text(made[path], encoding="utf-8")
        else:
            path.unlink()
    return 0


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


class _Dumper(yaml.SafeDumper):
    """Writes expressions as blocks."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else '"' if "{{" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def _yaml(content: Any) -> str:
    return yaml.dump(content, Dumper=_Dumper, sort_keys=False, width=1000, allow_unicode=True)


if __name__ == "__main__":
    sys.exit(main())
