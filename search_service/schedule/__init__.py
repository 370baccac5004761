"""When to run the indexer, what was asked for, and what came of it: `scheduling` is the way in."""
