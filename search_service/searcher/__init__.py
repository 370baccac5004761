"""The read side: `searching` is the way in, from a question to grouped and marked results."""
