"""Figures of the languages over data from elsewhere, each by one command that prints it."""
