"""The command `coditect`: a client of the Coditect IDE platform for terminals and scripts."""

# The package takes its version from here: asking what is installed would make every start slower.
VERSION = "5.0.0"
