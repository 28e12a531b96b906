"""The kokoro and piper voices: what can be told without their models, and, where those are there, how they speak."""

import hashlib
import io
import tarfile
from importlib.util import find_spec

import numpy as np
import pytest
from click.testing import CliRunner

from narration import voices
from narration.cli import main
from narration.errors import NarrationError, UsageError
from narration.voices import kokoro, kokoro_styles
from narration.voices.kokoro import Kokoro
from narration.voices.kokoro_styles import SIZE, Style, add, folder, load, named, styles
from narration.voices.piper import Piper

FILE = np.ones(SIZE // 4, np.float32).tobytes()
SHA = hashlib.sha256(FILE).hexdigest()
BLANK = Style("blank", "af_blank", SHA, 200, -22)


def test_the_styles_are_28_english_voices():
    assert len(styles()) == len({style.sha256 for style in styles().values()}) == 28
    assert {style.language for style in styles().values()} == {"en-us", "en-gb"}
    assert styles()["george"].title == "British English, male"
    assert all(-27 < style.level_lufs < -17 and 130 < style.wpm < 220 for style in styles().values())


def test_a_blend_is_of_styles_that_there_are():
    assert [style.name for style in named("heart+nicole")] == ["heart", "nicole"]
    with pytest.raises(UsageError, match='did you mean "bella"'):
        named("heart+bela")


def test_a_voice_that_was_not_added_says_how():
    found = Kokoro.entry("george+emma")
    assert found.language == "en-gb"
    if found.problem == "its model is not installed":
        assert found.remedy == "pip install 'narration[kokoro]'"
    else:
        assert found.problem == "the style george and emma was not added yet"
        assert found.remedy == "narration voices add kokoro:george+emma"


def packed(path, name):
    with tarfile.open(path, "w:gz") as archive:
        info = tarfile.TarInfo(f"package/voices/{name}")
        info.size = SIZE
        archive.addfile(info, io.BytesIO(FILE))
    return path


def test_a_style_is_added_from_a_package_a_folder_or_a_file(tmp_path):
    file = tmp_path / "in" / "af_blank.bin"
    file.parent.mkdir()
    file.write_bytes(FILE)
    for source in (packed(tmp_path / "a.tgz", "af_blank.bin"), tmp_path / "in", file):
        BLANK.path.unlink(missing_ok=True)
        assert add(BLANK, source) == BLANK.path
        assert load(BLANK).shape == (510, 256)
    assert [path.name for path in folder().iterdir()] == ["af_blank.bin"]


def test_a_style_that_is_not_the_one_is_refused_and_nothing_is_left(tmp_path):
    (tmp_path / "af_blank.bin").write_bytes(FILE[:-1] + b"x")
    with pytest.raises(NarrationError, match="its checksum differs"):
        add(BLANK, tmp_path)
    with pytest.raises(NarrationError, match=r"there is no af_blank\.bin in it"):
        add(BLANK, packed(tmp_path / "a.tgz", "af_other.bin"))
    with pytest.raises(NarrationError, match="it cannot be read"):
        add(BLANK, tmp_path / "none.tgz")
    assert not folder().exists()
    BLANK.path.parent.mkdir(parents=True)
    BLANK.path.write_bytes(b"damaged")
    with pytest.raises(NarrationError, match="this style is damaged"):
        load(BLANK)


def test_without_a_connection_a_download_says_what_to_do(monkeypatch):
    monkeypatch.setattr(kokoro_styles, "HUB", "https://127.0.0.1:9/")  # nobody listens there
    with pytest.raises(NarrationError, match="it cannot be downloaded") as caught:
        add(BLANK)
    assert "npm pack kokoro-js@1.2.1" in caught.value.hint


def test_adding_on_the_command_line(tmp_path):
    run = lambda *words: CliRunner().invoke(main, ["voices", "add", *words])  # noqa: E731
    assert run("heart").exit_code == 2
    assert "nothing to add" in run("heart").output
    result = run("kokoro:heart", "--from", str(packed(tmp_path / "a.tgz", "af_heart.bin")))
    assert result.exit_code == 1
    assert "checksum differs" in result.output


def test_piper_says_what_it_needs():
    found = Piper.entry("joe")
    assert not found.available
    assert found.remedy == "pip install piper-tts" if find_spec("piper") is None else "joe.onnx" in found.problem


@pytest.mark.slow
@pytest.mark.skipif(any(find_spec(part) is None for part in kokoro.PARTS), reason="narration[kokoro] is not installed")
def test_kokoro_speaks(monkeypatch):
    """The real model with a made-up style: the mean of none, which it babbles, but as long as it is asked to."""
    heart = named("heart")[0]
    monkeypatch.setattr(kokoro_styles, "load", lambda style: np.full((510, 256), 0.02, np.float32))
    heart.path.parent.mkdir(parents=True)
    heart.path.write_bytes(b"")
    voice = voices.load("kokoro")
    fast, slow, again = (voice.synthesize("Let your shoulders sink.", wpm, 0) for wpm in (180, 110, 110))
    assert fast.dtype == np.float32
    assert len(slow) > 1.2 * len(fast)
    assert np.array_equal(slow, again)
    with pytest.raises(voices.VoiceError, match='the voice "kokoro" cannot say "П"'):
        voice.synthesize("П", 120, 0)
    with pytest.raises(voices.VoiceError, match="so long a line"):
        voice.synthesize("let the breath go " * 60, 120, 0)
    voice.close()
