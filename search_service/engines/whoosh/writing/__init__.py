"""From analysed documents to segments, and from segments to fewer."""
