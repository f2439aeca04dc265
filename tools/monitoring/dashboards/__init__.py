"""The dashboards."""

from typing import Any

from tools.monitoring.dashboards import gateway, logins, overview, store
from tools.monitoring.panels import dashboard


def all_of_them() -> dict[str, dict[str, Any]]:
    """Each dashboard by the name of its file."""
    return {
        "overview": dashboard("coditect-overview", "Coditect: overview", overview.PANELS),
        "logins": dashboard("coditect-logins", "Coditect: logins and abuse", logins.PANELS),
        "store": dashboard("coditect-store", "Coditect: store and queues", store.PANELS),
        "gateway": dashboard("coditect-gateway", "Coditect: gateway and mesh", gateway.PANELS),
    }
