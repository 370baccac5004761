"""The embedded engine: segments of packed arrays, and their evaluation, behind Whoosh's interfaces.

Storing: `prepared` (a document's words as numbers) -> `builder` (a segment) -> `writer` (a
generation; `policy` and `merging` keep its segments few) -> `state`. Asking: `reader` -> `segment`,
`vocabulary`, `postings`, `catalogue`.
"""
