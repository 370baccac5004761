"""Whoosh's own interfaces over these segments and postings."""
