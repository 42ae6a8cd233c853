"""The words that may begin a tag ``{% … %}``, and those that people type instead."""

FRENCH = {"si": "if", "sinon": "else", "finsi": "endif", "pour": "for", "finpour": "endfor"}
VARIANTS = {
    "end if": "endif", "fin si": "endif", "end for": "endfor", "fin pour": "endfor",
    "else if": "elif", "elseif": "elif", "elsif": "elif", "sinon si": "elif",
}  # fmt: skip
ENGLISH = ("if", "elif", "else", "endif", "for", "endfor")
DOCXTPL = ("colspan", "cellbg", "hm", "vm")
"""Words of docxtpl about the cell they stand in: merged cells and their colour."""
PROGRAM = (
    "set",
    "macro",
    "call",
    "include",
    "import",
    "from",
    "extends",
    "block",
    "filter",
    "raw",
    "do",
    "with",
    "autoescape",
)
"""What makes a program: never in a model."""
