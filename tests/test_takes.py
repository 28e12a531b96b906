"""The narrator's own recordings: made here of the tone voice and noise, so that the truth is known."""

import json

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner

from narration import takes
from narration.cache import Cache
from narration.cli import main
from narration.encode import target_for
from narration.errors import NarrationError
from narration.loudness import gated_lufs
from narration.script import parse
from narration.script.builtin import Source
from narration.session import render
from narration.speech import LEVEL_LUFS
from narration.takes.cleaning import energies, ready
from narration.takes.sheet import code
from narration.timing import RATE_HZ
from narration.voices.tone import Tone
from narration.wishes import Wishes

SCRIPT = """---
title: Hands at rest
background: off
---
# Settling in

Rest your arms on the pillow. [2s] Let your breath come and go. [2s]

[when 10 min or longer]
Let it be slow. [2s]
[otherwise]
Let it be short. [2s]
[end]

# Hands

Close your hands. [hold 3s, count down] And let go. [2s] Let go. [2s] Rest your arms on the pillow.
"""
TEXTS = [
    "Rest your arms on the pillow.",
    "Let your breath come and go.",
    "Let it be slow.",
    "Let it be short.",
    *["Close your hands.", "three", "two", "one", "And let go.", "Let go."],
]


@pytest.fixture
def sheet():
    return takes.lines(parse(SCRIPT, "hands.md"))


def recorded(text, level=1.0, room=1e-4, seconds=0.8):
    """A take: the tone voice at half its pace at 48 kHz stereo, with a room around and under it."""
    words = np.repeat(Tone().synthesize(text, 90, 0), 2)
    quiet = np.zeros(round(seconds * 48_000))
    mono = np.concatenate([quiet, words * level, quiet])
    noise = np.random.default_rng(len(text)).standard_normal(len(mono)) * room
    return np.repeat((mono + noise)[:, None], 2, axis=1).astype(np.float32)


def put(folder, name, sound, suffix=".wav"):
    folder.mkdir(exist_ok=True)
    soundfile.write(folder / f"{name}{suffix}", sound, 48_000)


@pytest.fixture
def made(tmp_path):
    def make(**wishes):
        target = target_for(tmp_path / "hands.wav")
        wished = Wishes(voice="tone", takes=tmp_path / "takes", **wishes)
        return render(Source(SCRIPT, "hands.md", "hands", tmp_path), wished, target, True)

    return make


def test_the_sheet_has_every_line_once_in_the_order_of_the_script(sheet):
    assert [line.text for line in sheet] == TEXTS
    assert [line.name.split("-")[0] for line in sheet] == [f"{number:03}" for number in range(1, 11)]
    assert [line.chapter for line in sheet] == ["Settling in"] * 4 + ["Hands"] * 6
    assert sheet[0].line == 7


def test_the_code_of_a_line_is_of_its_words(sheet):
    assert code("And let go.") == code("and LET go…") != code("And let it go.")
    longer = takes.lines(parse(SCRIPT.replace("# Hands\n", "# Hands\n\nA new line.\n"), "hands.md"))
    assert {line.code for line in sheet} < {line.code for line in longer}


def test_a_recorded_line_replaces_the_voice_and_the_rest_is_spoken(made, sheet, tmp_path):
    put(tmp_path / "takes", sheet[0].name, recorded(TEXTS[0]))
    put(tmp_path / "takes", sheet[1].name, recorded(TEXTS[1]), ".flac")
    put(tmp_path / "takes", sheet[5].name, recorded(TEXTS[5]), ".mp3")
    report = made()
    assert '3 of 9 lines are recorded; the voice "tone" speaks the rest' in report.problems
    lengths = {utterance.say.text: utterance.length for utterance in report.plan.utterances}
    for text in (TEXTS[0], TEXTS[1]):
        told = len(Tone().synthesize(text, 90, 0)) / 24_000 - 0.65
        assert lengths[text] / RATE_HZ == pytest.approx(told, abs=0.03)
    spoken = len(Tone().synthesize(TEXTS[4], 138, 0)) / 24_000 - 0.65
    assert lengths[TEXTS[4]] / RATE_HZ == pytest.approx(spoken, abs=0.03)


def test_a_track_of_takes_alone_is_not_called_synthetic(made, sheet, tmp_path):
    import mutagen

    for line in sheet:
        put(tmp_path / "takes", line.name, recorded(line.text))
    report = made()
    assert "9 of 9 lines are recorded: all of them" in report.problems
    assert "synthetic" not in str(mutagen.File(tmp_path / "hands.wav").tags)


def test_takes_come_to_the_level_of_the_voices_and_soft_ones_stay_soft(sheet, cache, tmp_path):
    for line in sheet:
        put(tmp_path / "takes", line.name, recorded(line.text, 0.5 if line is sheet[1] else 1.0))
    read = takes.read(tmp_path / "takes", sheet, cache)
    loudness = {text: energies(cache.get(read.key(text))) for text in TEXTS}
    assert gated_lufs(np.concatenate(list(loudness.values()))) == pytest.approx(LEVEL_LUFS, abs=1)
    apart = gated_lufs(loudness[TEXTS[1]]) - gated_lufs(loudness[TEXTS[0]])
    assert -4.5 < apart < -2.5  # recorded 6 dB softer: half of it is kept


def lined_up(one, other):
    """The same stretch of both: they begin within 10 ms of one another."""
    length = min(len(one), len(other)) - 4000
    apart = min(range(-600, 600), key=lambda step: np.abs(one[2000:20_000] - other[2000 + step : 20_000 + step]).sum())
    return one[2000:length], other[2000 + apart : length + apart]


def test_the_room_is_turned_down_by_12_db_and_the_words_are_not():
    clean, take = (recorded("Let your breath come and go.", room=room)[:, 0] for room in (0, 0.001))
    found = ready(take)
    words = np.flatnonzero(np.abs(clean) > 1e-4)
    truth = clean[words[0] : words[-1]]
    assert found.room_db == pytest.approx(-37, abs=2)
    assert len(found.samples) == pytest.approx(len(truth), abs=0.01 * RATE_HZ)
    both = lined_up(found.samples, truth)
    assert np.corrcoef(*both)[0, 1] > 0.999
    silent = np.abs(both[1]) < 1e-6  # the gaps between the words
    inner = silent & (np.convolve(silent, np.ones(1500), "same") > 1499)  # clear of the words' edges
    left_db = 20 * np.log10(np.sqrt(np.mean(both[0][inner] ** 2)) / 0.001)
    assert -13 < left_db < -10


def test_a_quiet_room_is_left_as_it_is():
    take = recorded("Let go.", room=1e-5)[:, 0]
    take -= take.mean()
    found = ready(take)
    assert found.room_db < -60
    one, other = lined_up(found.samples, take[np.flatnonzero(np.abs(take) > 1e-3)[0] :])
    assert np.abs(one - other).max() < 1e-7


def bad_takes(folder, sheet):
    put(folder, sheet[0].name, np.zeros((48_000, 2), np.float32))
    (folder / f"{sheet[1].name}.wav").write_bytes(b"RIFF nothing")
    put(folder, sheet[2].name, recorded(TEXTS[2]))


def test_every_take_that_cannot_be_used_is_named(sheet, cache, tmp_path):
    bad_takes(tmp_path / "takes", sheet)
    with pytest.raises(NarrationError) as caught:
        takes.read(tmp_path / "takes", sheet, cache)
    assert f"{sheet[0].name}.wav: there is no speech in this take" in str(caught.value)
    assert f"{sheet[1].name}.wav: this is a damaged or unusual WAV file" in str(caught.value)
    assert sheet[2].name not in str(caught.value)


def test_a_line_with_two_takes_is_an_error(sheet, cache, tmp_path):
    for suffix in (".wav", ".flac"):
        put(tmp_path / "takes", sheet[0].name, recorded(TEXTS[0]), suffix)
    with pytest.raises(NarrationError, match="two takes of one line"):
        takes.read(tmp_path / "takes", sheet, cache)


def test_what_is_odd_about_takes_is_told(sheet, cache, tmp_path):
    folder = tmp_path / "takes"
    put(folder, "intro", recorded("hello"))
    put(folder, "002-0123abcd", recorded("hello"))
    put(folder, sheet[0].name, np.clip(recorded(TEXTS[0], 20), -1, 1))
    put(folder, sheet[1].name, recorded(TEXTS[1], room=0.003))
    put(folder, sheet[4].name, recorded(TEXTS[4], 0.1))
    (folder / "readme.txt").write_text("not a take")
    told = "\n".join(takes.read(folder, sheet, cache).notes)
    assert f"intro.wav is not named after a line, such as {sheet[0].name}.wav: not used" in told
    assert (
        f"002-0123abcd.wav is a take of words that the script does not have: not used; line {sheet[1].name} now" in told
    )
    assert "clipped in" in told
    assert f"the room in {sheet[1].name}.wav is only" in told
    assert f"the take {sheet[4].name}.wav is" in told
    assert "readme" not in told


def test_takes_are_read_the_same_twice(sheet, tmp_path):
    put(tmp_path / "takes", sheet[0].name, recorded(TEXTS[0]))
    caches = Cache(tmp_path / "one"), Cache(tmp_path / "two")
    keys = [takes.read(tmp_path / "takes", sheet, cache).key(TEXTS[0]) for cache in caches]
    assert keys[0] == keys[1]
    assert np.array_equal(*(cache.get(keys[0]) for cache in caches))


def test_the_sheet_of_the_command_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hands.md").write_text(SCRIPT)
    run = lambda *words: CliRunner().invoke(main, ["takes", "hands.md", *words])  # noqa: E731
    assert "- `001-" in run().output
    found = json.loads(run("--json", "--length", "12m").stdout)
    assert [line["text"] for line in found["lines"]] == [text for text in TEXTS if text != "Let it be short."]
    assert run("-o", "sheet.md").exit_code == 0
    assert run("-o", "sheet.md").exit_code == 0  # its own file it may replace
    assert run("-o", "hands.md").exit_code == 1  # the script is not
    assert (tmp_path / "hands.md").read_text() == SCRIPT
