"""The process of tenants: `python -m services.tenants`."""

import sys

from kernel.rpc.process import main
from services.tenants.app import build
from services.tenants.settings import TenantsSettings

sys.exit(main("tenants", TenantsSettings, build))
