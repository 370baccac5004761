"""The subcommands, one a file; the table is in `cli`."""
