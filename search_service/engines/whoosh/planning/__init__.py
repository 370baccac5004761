"""From what a query asks to runs of rows in the vocabularies."""
