"""The write side: `running` is the way in, from a changed folder to a published generation."""
