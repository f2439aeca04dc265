"""Every chart with every set of values, rendered once per test process."""

import pytest

from tests.deploy import charts
from tests.deploy.charts import Release


@pytest.fixture(params=charts.ALL, ids="-".join)
def release(request: pytest.FixtureRequest) -> Release:
    """Every chart, with the values of every environment."""
    return charts.release(*request.param)


@pytest.fixture(params=charts.ENVIRONMENTS)
def coditect(request: pytest.FixtureRequest) -> Release:
    """The chart of the product, with the values of every environment."""
    return charts.release("coditect", request.param)


@pytest.fixture(params=charts.ENVIRONMENTS)
def foundationdb(request: pytest.FixtureRequest) -> Release:
    """The chart of the database, with the values of every environment."""
    return charts.release("foundationdb", request.param)
