"""Dated facts in a small text file, and everything else of a tourist office's commercial service derived from them."""

__version__ = "0.1.0"
