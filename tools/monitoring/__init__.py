"""The objectives and the dashboards of the chart, from their descriptions here."""
