"""Which words answer a query (`marking`), and how they are shown (`snippets`)."""
