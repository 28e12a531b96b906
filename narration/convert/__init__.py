"""Sessions in the notations of other speech programs: a plan as SSML or Speech Markdown, and SSML as a script."""

from __future__ import annotations

from collections.abc import Callable

from ..document import Document
from ..spans import Plan
from .speechmarkdown import speechmarkdown
from .ssml_reading import Reading, read_ssml
from .ssml_writing import ssml

SCRIPT = "script"
WRITERS: dict[str, Callable[[Document, Plan], str]] = {"ssml": ssml, "speechmarkdown": speechmarkdown}
NOTATIONS = (*WRITERS, SCRIPT)  # what a conversion may be asked for

__all__ = ["NOTATIONS", "SCRIPT", "WRITERS", "Reading", "read_ssml"]
