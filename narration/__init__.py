"""Guided-relaxation tracks from text scripts.

    script.parse → script.choose → speech.speak → plan.lay_out → mix → master → encode.write

Each stage takes a value and gives the next stage a value; nobody walks back. These four verbs are for other programs;
the command line stands on the same rooms. A script is a path, or the name of a built-in session.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .document import Document
    from .findings import Finding
    from .report import Report
    from .spans import Plan

# The matrices of a mix are small: two threads of OpenBLAS take 13 times the processor, waiting for one another. Numpy
# reads this when it is first imported, and a user's own setting stands.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__all__ = ["check", "parse", "plan", "render"]

# The rooms are opened when they are needed, so that `narration --help` is there at once.


def parse(script: str | Path) -> Document:
    """The document that a script describes. Raises ScriptError with every problem, each with its line."""
    from .script import parse
    from .script.builtin import find

    source = find(str(script))
    return parse(source.text, source.name)


def check(script: str | Path, **wishes: Any) -> list[Finding]:
    """Everything wrong with a script, in its format and at each of its lengths; ``wishes`` as in wishes.Wishes."""
    from .findings import check as check_script
    from .wishes import Wishes

    return check_script(str(script), Wishes(**wishes))


def plan(script: str | Path, **wishes: Any) -> Plan:
    """The time line of a script with its speech estimated; ``wishes`` as in wishes.Wishes.

    Raises ScriptError, or FitError for a length that the script cannot be.
    """
    from .script.builtin import find
    from .session import estimated
    from .wishes import Wishes, document

    return estimated(document(find(str(script)), Wishes(**wishes)))


def render(script: str | Path, output: str | Path, force: bool = False, **wishes: Any) -> Report:
    """Make the finished track of a script at ``output``, with its report beside it; ``wishes`` as in wishes.Wishes.

    The format is that of the output's name. Raises NarrationError, and leaves nothing half done, where it cannot.
    """
    from .encode import target_for
    from .script.builtin import find
    from .session import render as render_session
    from .wishes import Wishes

    return render_session(find(str(script)), Wishes(**wishes), target_for(Path(output)), force)
