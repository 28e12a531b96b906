"""M4B and Opus, read by libraries that did not write them: length, level, chapters, tags, cover."""

import base64
import importlib.util
from pathlib import Path

import av
import mutagen
import numpy as np
import pytest
import soundfile

from narration.encode import Cover, Target, check, lavc, target_for, write
from narration.errors import NarrationError, UsageError
from narration.spans import Chapter

from .test_encode import CHAPTERS, PNG, RATE, TAGS, gain_db, lag, seconds, tones

GIVEN = tones(3 * RATE + 77)


@pytest.fixture
def written(tmp_path):
    def make(format_, bitrate="", **more):
        target = Target(tmp_path / f"a.{format_}", format_, bitrate, **more)
        write(target, seconds(GIVEN), len(GIVEN))
        return target.path

    return make


@pytest.mark.parametrize("bitrate", ["", "64k", "192k"])
def test_m4b_holds_the_samples_in_their_place(written, bitrate):
    with av.open(str(written("m4b", bitrate))) as file:
        decoded = np.concatenate([frame.to_ndarray().T for frame in file.decode(audio=0)])
        assert file.duration / av.time_base == pytest.approx(len(GIVEN) / RATE, abs=0.001)
    assert 0 <= len(decoded) - len(GIVEN) < 1024  # FFmpeg plays the last frame out; the edit list says where to stop
    assert lag(decoded[: len(GIVEN)], GIVEN) == 0
    assert abs(gain_db(decoded[: len(GIVEN)], GIVEN)) < 0.02


@pytest.mark.parametrize("bitrate", ["", "64k", "192k"])
def test_opus_is_as_long_as_the_track_to_the_sample(written, bitrate):
    import soxr

    decoded, rate = soundfile.read(written("opus", bitrate), dtype="float32")
    assert (rate, len(decoded)) == (48_000, round(len(GIVEN) * 48_000 / RATE))
    given = soxr.resample(GIVEN, RATE, 48_000)
    assert abs(lag(decoded, given)) <= 1
    assert abs(gain_db(decoded, given)) < 0.1


@pytest.mark.parametrize("format_", ["m4b", "opus", "flac"])
def test_other_readers_find_the_chapters(written, format_):
    path = written(format_, chapters=CHAPTERS)
    with av.open(str(path)) as file:
        found = [
            (round(float(chapter["start"] * chapter["time_base"]) * 1000), chapter["metadata"]["title"])
            for chapter in file.chapters()
        ]
    assert found == [(chapter.start * 1000 // RATE, chapter.title) for chapter in CHAPTERS]


@pytest.mark.parametrize("chapters", [1, 400])
def test_the_index_of_an_m4b_stands_in_front(written, chapters):
    """And points at the samples still, when tags and a cover have made it longer."""
    many = tuple(Chapter(number * 300, f"{number}: " + "呼吸" * 40) for number in range(chapters))
    path = written("m4b", tags=TAGS, chapters=many, cover=Cover(PNG + bytes(100_000), "image/png"))
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    with av.open(str(path)) as file:
        decoded = np.concatenate([frame.to_ndarray().T for frame in file.decode(audio=0)])
        assert len(file.chapters()) == chapters
    assert lag(decoded[: len(GIVEN)], GIVEN) == 0
    assert abs(gain_db(decoded[: len(GIVEN)], GIVEN)) < 0.02


def test_m4b_says_what_it_is(written):
    tags = mutagen.File(written("m4b", tags=TAGS, chapters=CHAPTERS, cover=Cover(PNG, "image/png"))).tags
    texts = ("\xa9nam", "\xa9ART", "\xa9alb", "\xa9gen", "\xa9day", "\xa9cmt", "\xa9lyr")
    assert [tags[name][0] for name in texts] == [
        *("Evening", "Ann", "Course", "Relaxation", "2031", "voilà 呼吸", "one\ntwo"),
    ]
    assert tags["trkn"] == [(3, 10)]
    assert bytes(tags["covr"][0]) == PNG


def test_m4b_has_the_chapters_in_both_ways_that_players_look_for(written):
    data = written("m4b", chapters=CHAPTERS).read_bytes()
    assert b"chpl" in data  # Nero's list
    assert b"chap" in data[data.index(b"tref") :][:16]  # the text track QuickTime refers to


def test_opus_says_what_it_is(written):
    from mutagen.flac import Picture

    tags = mutagen.File(written("opus", tags=TAGS, cover=Cover(PNG, "image/png"))).tags
    assert (tags["title"], tags["artist"], tags["tracknumber"]) == (["Evening"], ["Ann"], ["3/10"])
    assert tags["lyrics"] == ["one\ntwo"]
    picture = Picture(base64.b64decode(tags["metadata_block_picture"][0]))
    assert (picture.data, picture.mime) == (PNG, "image/png")


def test_a_format_whose_extra_is_missing_says_which(tmp_path, monkeypatch):
    real = importlib.util.find_spec
    monkeypatch.setattr(lavc, "find_spec", lambda name: None if name == "av" else real(name))
    for format_ in ("m4b", "opus"):
        with pytest.raises(NarrationError, match=r"pip install 'narration\[formats\]'"):
            check(Target(tmp_path / "a", format_))
    check(Target(tmp_path / "a", "mp3"))


def test_bitrates_of_m4b_and_opus():
    assert target_for(Path() / "a.m4b").format == "m4b"
    assert lavc.check(Target(Path(), "opus", "64000")) == 64_000
    for wrong in ("V4", "8k", "999k", "fast"):
        with pytest.raises(UsageError, match="32k to 320k"):
            lavc.check(Target(Path(), "opus", wrong))
