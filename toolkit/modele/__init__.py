"""Word models as source code: read, checked before use, annotated, documented, and made of older ones."""
