"""Grafana's JSON for a dashboard, from few words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

SOURCE = {"type": "prometheus", "uid": "${datasource}"}
_COLUMNS, _HEIGHT, _STAT_HEIGHT = 24, 8, 4


@dataclass(frozen=True)
class Query:
    """A query, and the legend of its series; Grafana fills in `{{label}}`."""

    expression: str
    legend: str = ""


@dataclass(frozen=True)
class Panel:
    """A panel.

    Attributes:
        title: Its title.
        unit: Grafana's name of the unit of its values.
        queries: Its series.
        text: What the reader should know; empty if the title says it.
        kind: `timeseries`, or `stat` for the present values.
        width: Of 24 columns.
    """

    title: str
    unit: str
    queries: Sequence[Query]
    text: str = ""
    kind: str = "timeseries"
    width: int = 8


def dashboard(uid: str, title: str, panels: Iterable[Panel]) -> dict[str, Any]:
    """The JSON of a dashboard; panels are laid out from left to right, then down."""
    return {
        "uid": uid,
        "title": title,
        "tags": ["coditect"],
        "schemaVersion": 39,
        "editable": False,
        "refresh": "1m",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": _variables()},
        "links": [
            {"type": "dashboards", "tags": ["coditect"], "title": "Coditect", "asDropdown": True}
        ],
        "panels": list(_laid_out(panels)),
    }


def _variables() -> list[dict[str, Any]]:
    return [
        {"name": "datasource", "type": "datasource", "query": "prometheus"},
        {
            "name": "namespace",
            "type": "query",
            "datasource": SOURCE,
            "query": "label_values(coditect_build_info, namespace)",
            "refresh": 1,
        },
    ]


def _laid_out(panels: Iterable[Panel]) -> Iterable[dict[str, Any]]:
    x = y = height = 0
    for number, panel in enumerate(panels, 1):
        if x + panel.width > _COLUMNS:
            x, y, height = 0, y + height, 0
        high = _STAT_HEIGHT if panel.kind == "stat" else _HEIGHT
        yield _panel(number, panel) | {"gridPos": {"x": x, "y": y, "w": panel.width, "h": high}}
        x, height = x + panel.width, max(height, high)


def _panel(number: int, panel: Panel) -> dict[str, Any]:
    targets = [
        {
            "refId": chr(ord("A") + place),
            "datasource": SOURCE,
            "expr": query.expression,
            "legendFormat": query.legend or "__auto",
        }
        for place, query in enumerate(panel.queries)
    ]
    made = {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "datasource": SOURCE,
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "targets": targets,
    }
    return made | ({"description": panel.text} if panel.text else {})
