"""One name for one thing: no two modules of `services/` define the same public class."""

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_public_classes_have_distinct_names() -> None:
    """A class name without a leading underscore is defined in one module of the services."""
    modules: dict[str, list[str]] = defaultdict(list)
    for file in sorted((ROOT / "services").rglob("*.py")):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                modules[node.name].append(str(file.relative_to(ROOT)))
    assert {name: found for name, found in modules.items() if len(found) > 1} == {}
