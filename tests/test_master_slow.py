"""The finished file beside the mix it was made of, and the memory that a long one takes."""

import os
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from narration.timing import RATE_HZ

from .memory import PRINT_PEAK_KB
from .test_master import SLEEP, rendered

pytestmark = pytest.mark.slow


def test_no_word_is_cut_and_nothing_clicks_where_the_mp3_is_joined(tmp_path, monkeypatch):
    from narration.encode import pieces

    monkeypatch.setattr(pieces, "PIECE", 200)  # 5 s, so that joints fall into words and pauses
    text = SLEEP.partition("Rest your brow")[0]
    report = rendered(text, tmp_path, "a.mp3")
    rendered(text, tmp_path, "b.wav")
    mp3, _ = soundfile.read(tmp_path / "a.mp3", dtype="float32")
    mix, _ = soundfile.read(tmp_path / "b.wav", dtype="float32")
    assert len(mp3) == len(mix) == report.plan.length
    assert np.abs(mp3).max() < 1
    wrong = mp3 - mix
    for one in report.plan.utterances:  # the first and last 50 ms of every line have the energy they had
        for part in (slice(one.start, one.start + RATE_HZ // 20), slice(one.end - RATE_HZ // 20, one.end)):
            assert np.mean(mp3[part] ** 2) == pytest.approx(np.mean(mix[part] ** 2), rel=0.12)
    coarse = np.abs(np.diff(wrong, axis=0)).max(axis=1)  # a click is a step that the mix has not
    assert coarse.max() < 0.05


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_an_hour_takes_no_more_memory_than_ten_minutes(tmp_path):
    program = (
        """
import sys
from fractions import Fraction
import narration
narration.render(sys.argv[1], sys.argv[2], voice="tone", background="brown", length=Fraction(int(sys.argv[3])))
"""
        + PRINT_PEAK_KB
    )
    script = tmp_path / "long.md"
    script.write_text("---\nending: sleep\npace: sleep\ntail: 4s\n---\nRest. [1 min-4h]\nRest again.\n")
    environment = os.environ | {"NARRATION_CACHE": str(tmp_path / "cache")}
    peaks = []
    for seconds in (600, 3600):
        command = [sys.executable, "-c", program, str(script), str(tmp_path / f"{seconds}.wav"), str(seconds)]
        peaks.append(int(subprocess.run(command, env=environment, capture_output=True, check=True).stdout))
    assert peaks[1] < 250_000
    assert peaks[1] < 1.2 * peaks[0]
