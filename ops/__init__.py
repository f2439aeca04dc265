"""Tools that an operator runs against a deployed product: the doctor and the self-test."""
