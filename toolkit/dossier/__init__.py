"""The pure core: the office's facts and rules. Nothing in here opens a file, asks the time or prints.

``dossier`` is the client's case as the office says it, never a directory.
"""
