"""The errors of the service: one base class, and every message says what to do about it."""

from __future__ import annotations

from collections.abc import Iterable


class SearchServiceError(Exception):
    """Base of every error raised on purpose; `code` is stable, the message is for people.

    The message has the form "what is wrong: what to do", so that it can be shown as it is on a
    terminal, in a report and in an HTTP answer.
    """

    code = "error"


class UnknownName(SearchServiceError):
    """A name that is in none of our tables (language, format, field, setting, parameter...).

    `parameter` is the request's parameter that has or is the name, if it came with a request.
    """

    code = "unknown_name"

    def __init__(
        self, kind: str, name: str, choices: Iterable[str], parameter: str | None = None
    ) -> None:
        self.kind = kind
        self.parameter = parameter
        self.name = name
        self.choices = tuple(choices)
        super().__init__(f"unknown {kind} {name!r}: choose one of {', '.join(self.choices)}")


class InvalidValue(SearchServiceError):
    """A parameter or setting whose value cannot be used; `parameter` names it.

    `values` fill the places of `cure` (`%(low)s`), so that a page can say it in other languages.
    """

    code = "invalid_value"

    def __init__(self, parameter: str, value: object, cure: str, **values: object) -> None:
        self.parameter = parameter
        self.value = value
        self.cure = cure
        self.values = values
        said = cure % values if values else cure
        super().__init__(f"{parameter} cannot be {value!r}: {said}")


class UnreadableFile(SearchServiceError):
    """A corpus file that cannot be read as text; the message names the cure ("run OCR first")."""

    code = "unreadable_file"


class QueryTooCostly(SearchServiceError):
    """A query refused before it runs, or stopped at its deadline."""

    code = "query_too_costly"


class IndexUnavailable(SearchServiceError):
    """There is no index, or none that may be served."""

    code = "index_unavailable"


class IndexDamaged(SearchServiceError):
    """A file of the index is not what its manifest says."""

    code = "index_damaged"


class IndexLocked(SearchServiceError):
    """Another run is writing this index."""

    code = "index_locked"


class RunRefused(SearchServiceError):
    """A run that would lose what is searchable (an empty folder, an unmounted disk)."""

    code = "run_refused"


class RunFailed(SearchServiceError):
    """A run that could not be completed (a full disk): what was live still is."""

    code = "run_failed"


class NoScheduler(SearchServiceError):
    """A run was asked for that nobody would do."""

    code = "no_scheduler"


class DocumentGone(SearchServiceError):
    """A document that was in the archive and has been withdrawn; `since` is an ISO date."""

    code = "document_gone"

    def __init__(self, document_id: str, since: str) -> None:
        self.document_id = document_id
        self.since = since
        super().__init__(
            f"document {document_id} was removed on {since}: search for it under another name"
        )


class NotFound(SearchServiceError):
    """No document or passage of this id was ever here."""

    code = "not_found"


class MissingLibrary(SearchServiceError):
    """Something that needs a library which is not installed with the rest; the cure is named."""

    code = "missing_library"

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(
            f"{what} needs a library that is not installed: pip install 'search-service[{extra}]'"
        )
