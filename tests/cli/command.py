"""The command line over one archive."""

import json
import os
from pathlib import Path
from typing import Any

import click
from click.testing import CliRunner

from search_service import cli
from search_service.errors import SearchServiceError
from search_service.settings import Settings


class Command:
    """`search-service` over one archive."""

    def __init__(self, root: Path) -> None:
        self.corpus, self.index = root / "corpus", root / "index"
        self.corpus.mkdir()
        self.settings = Settings(corpus=self.corpus, index=self.index, query_seconds=60.0)

    def __call__(self, name: str, *arguments: str, code: int = 0) -> str:
        command = cli.group.get_command(click.Context(cli.group), name)
        assert command is not None
        options = {option for parameter in command.params for option in parameter.opts}
        flags = ["--index", os.fspath(self.index)]
        if "--corpus" in options:
            flags += ["--corpus", os.fspath(self.corpus)]
        result = CliRunner().invoke(cli.group, [name, *flags, *arguments])
        if isinstance(result.exception, SearchServiceError):
            raise result.exception
        assert result.exit_code == code, result.output
        return result.output

    def json(self, name: str, *arguments: str, code: int = 0) -> Any:
        return json.loads(self(name, "--json", *arguments, code=code))
