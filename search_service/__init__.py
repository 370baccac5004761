"""Passage search over a folder of documents.

One document:  `corpus` finds it and tells what changed -> `formats` turn bytes into text,
metadata and page marks -> `passages` cut the text into slices and name each slice's language
-> `languages` turn a slice into terms -> the engine's writer stores them; `indexer` runs that
path and publishes a generation.

One query:  `web.params` (or `cli`) -> `query` parses words into a tree -> `searcher` asks the
engine -> `highlight` marks the slices -> a template or JSON.
"""

__version__ = "0.1.0"
