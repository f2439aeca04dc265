"""The release."""

VERSION = "5.0.0"
