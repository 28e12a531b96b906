"""The narrator's own recordings: the sheet to read from, and a folder of takes that replaces synthesised lines."""

from .recordings import Takes, read
from .sheet import Line, lines, spell

__all__ = ["Line", "Takes", "lines", "read", "spell"]
