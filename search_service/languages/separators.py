"""What stands between the parts of a form's key, and between keys: letters that no word has.

By themselves, as who writes an index needs these and nothing else of languages.
"""

FORM_SEPARATOR = "\x1e"
"""Between the keys of forms."""
PART_SEPARATOR = "\x1f"
"""Between the parts of a key: folded form, exact form, language, stems, translit keys."""
KEY_SEPARATOR = "\x1d"
"""Between stems, and between translit keys."""
