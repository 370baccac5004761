"""From a query tree to the passages that answer it, ranked and counted."""
