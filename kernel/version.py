"""Which release this is."""

VERSION = "5.0.0"
