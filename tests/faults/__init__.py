"""Faults on purpose: kills, errors, power loss, damage, rivals, load, hostile files, clocks.

`python -m tests.faults` runs the short suites, `--soak` the long ones; `make test` runs the short
ones too, and each of them with a bug planted that it must find.
"""
