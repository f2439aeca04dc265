"""Measures the product against the budgets of the design: `make bench`.

All figures are ratios within one run, because machines differ and are shared.
"""
