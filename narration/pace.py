"""Paces: how fast a session is spoken and how long its silences are where the script does not say.

Figures are seconds and words a minute within the phrase, at the start and at the end of a session; between the two they
change steadily. They are working values by judgement, from the table in the project's content notes, section 3.6:
slowing comes from pauses more than from stretched words, because listeners dislike very slow speech (Stanko-Kaczmarek
2023, Mindfulness 14:3069).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Drift = tuple[float, float]  # the figure at the start and at the end of the session
After = Literal["sentence", "paragraph", "heading"]


@dataclass(frozen=True)
class Pace:
    """A row of the table: each default pause is elastic from its figure up to ``stretch`` times it.

    After a comma the voice makes its own pause, 0.3 to 0.7 s at these rates with ``heart``: no pace asks for more.
    """

    wpm: Drift
    sentence: Drift
    paragraph: Drift
    heading: Drift
    stretch: float
    longest: Drift  # the longest silence that nobody announced; also the end of an open pause such as [4s+]
    lead: float
    tail: dict[str, float]  # by ending
    overall_wpm: tuple[int, int]  # the band of words a minute with the pauses in

    def pause(self, after: After, progress: Fraction) -> tuple[Fraction, Fraction]:
        """(least, most) seconds of the default pause after a sentence, paragraph or heading, ``progress`` in [0, 1]."""
        least = _at({"sentence": self.sentence, "paragraph": self.paragraph, "heading": self.heading}[after], progress)
        return least, least * Fraction(self.stretch)

    def longest_at(self, progress: Fraction) -> Fraction:
        """Seconds of the longest silence at ``progress`` in [0, 1]."""
        return _at(self.longest, progress)

    def wpm_at(self, progress: Fraction) -> int:
        """Whole words a minute at ``progress`` in [0, 1]."""
        return round(_at(self.wpm, progress))


def _at(drift: Drift, progress: Fraction) -> Fraction:
    start, end = (Fraction(figure).limit_denominator(1000) for figure in drift)
    return start + (end - start) * progress


PACES = {
    "day": Pace(
        wpm=(138, 138),
        sentence=(1.8, 1.8),
        paragraph=(4, 4),
        heading=(5, 5),
        stretch=2,
        longest=(20, 20),
        lead=4,
        tail={"return": 8, "sleep": 60},
        overall_wpm=(55, 75),
    ),
    "office": Pace(
        wpm=(152, 152),
        sentence=(1, 1),
        paragraph=(2, 2),
        heading=(2.5, 2.5),
        stretch=2,
        longest=(5, 5),
        lead=2,
        tail={"return": 4, "sleep": 60},
        overall_wpm=(90, 110),
    ),
    "sleep": Pace(
        wpm=(126, 116),
        sentence=(2.5, 4),
        paragraph=(6, 10),
        heading=(7, 11),
        stretch=2,
        longest=(20, 45),
        lead=6,
        tail={"return": 10, "sleep": 90},
        overall_wpm=(25, 60),
    ),
}
