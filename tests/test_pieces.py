"""An MP3 made in pieces decodes, around every joint, to what the pieces themselves decode to."""

import io

import av
import numpy as np
import pytest
import soundfile

from narration.encode import Target, mp3, pieces, write
from narration.encode.infoframe import SAMPLES
from narration.encode.pieces import WARM, _encoded, joint

RATE = 44_100
OVERLAP = 2  # frames in which a decoder still holds something of the frame before


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(pieces, "PIECE", 150)


def sound(seconds=9, seed=1):
    """Words of noise and tone with pauses between them: long and short windows, a reservoir that fills and empties."""
    time = np.arange(round(seconds * RATE)) / RATE
    rough = np.random.default_rng(seed).standard_normal((len(time), 2))
    tones = 0.2 * np.sin(2 * np.pi * 440 * time + 3 * np.sin(time))[:, None] + 0.05 * rough
    return (tones * (np.sin(2 * np.pi * 1.3 * time)[:, None] > -0.3)).astype(np.float32)


def written(path, samples, bitrate):
    write(Target(path, bitrate=bitrate), (samples[at : at + RATE] for at in range(0, len(samples), RATE)), len(samples))
    return soundfile.read(path, dtype="float32")[0]


@pytest.fixture
def joints(monkeypatch):
    """The joints that were made, with the two streams as they were before."""
    made = []

    def watched(earlier, later, first):
        frame = joint(earlier, later, first)
        made.append((frame, earlier.first, bytes(earlier.data), later.first, bytes(later.data)))
        return frame

    monkeypatch.setattr(pieces, "joint", watched)
    return made


@pytest.mark.parametrize("bitrate", ["64k", "128k", "V4"])
def test_around_a_joint_each_piece_decodes_to_the_same_samples_as_alone(tmp_path, joints, bitrate):
    given = sound()
    written(tmp_path / "a.mp3", given, bitrate)
    together = decoded(tmp_path / "a.mp3")
    assert any(frame is not None for frame, *_ in joints)
    for frame, earlier_first, earlier, later_first, later in joints:
        if frame is None:
            continue
        before = at_its_place(earlier, earlier_first)
        after = at_its_place(later, later_first)
        for alone, start, stop in ((before, frame - 8, frame - OVERLAP), (after, frame + OVERLAP, frame + 8)):
            part = slice(start * SAMPLES, stop * SAMPLES)
            assert np.array_equal(together[part], alone[part])


def test_a_joint_is_sought_until_there_is_one(tmp_path, joints, monkeypatch):
    """Where the usual search finds none, the later piece is joined further on, and as cleanly."""
    watched = pieces.joint
    monkeypatch.setattr(
        pieces,
        "joint",
        lambda earlier, later, first: watched(earlier, later, first) if first >= later.first + 3 * WARM else None,
    )
    written(tmp_path / "a.mp3", sound(), "128k")
    together = decoded(tmp_path / "a.mp3")
    found = [made for made in joints if made[0] is not None]
    assert found
    for frame, _, _, later_first, later in found:
        part = slice((frame + OVERLAP) * SAMPLES, (frame + 8) * SAMPLES)
        assert frame >= later_first + 3 * WARM
        assert np.array_equal(together[part], at_its_place(later, later_first)[part])


def at_its_place(stream, first):
    """What a bare stream decodes to, from the beginning of the track on; decoders start 1,105 samples early."""
    early = first * SAMPLES - 1105
    samples = decoded(io.BytesIO(stream))
    return np.concatenate([np.zeros((early, 2), np.float32), samples]) if early > 0 else samples[-early:]


def decoded(file):
    with av.open(file, format="mp3") as opened:
        return np.concatenate([frame.to_ndarray().T for frame in opened.decode(audio=0)])


@pytest.mark.parametrize("bitrate", ["128k", "V4"])
def test_a_joint_is_no_worse_than_the_frames_around_it(tmp_path, joints, monkeypatch, bitrate):
    given = sound(seed=2)
    wrong = written(tmp_path / "a.mp3", given, bitrate) - given
    monkeypatch.setattr(pieces, "PIECE", 10**6)
    usual = written(tmp_path / "b.mp3", given, bitrate) - given
    for frame, *_ in joints:
        if frame is not None:
            part = slice((frame - 2) * SAMPLES, (frame + 2) * SAMPLES)
            assert np.abs(wrong[part]).max() < 1.2 * np.abs(usual[part]).max()
            assert np.mean(wrong[part] ** 2) < 1.2 * np.mean(usual[part] ** 2)


def test_where_no_joint_is_found_the_earlier_encoder_goes_on(tmp_path, monkeypatch):
    given = sound()
    monkeypatch.setattr(pieces, "joint", lambda earlier, later, first: None)
    written(tmp_path / "a.mp3", given, "128k")
    monkeypatch.setattr(pieces, "PIECE", 10**6)
    written(tmp_path / "b.mp3", given, "128k")
    assert (tmp_path / "a.mp3").read_bytes() == (tmp_path / "b.mp3").read_bytes()


@pytest.mark.parametrize("cores", [1])
def test_the_cores_of_the_machine_change_no_byte(tmp_path, monkeypatch, cores):
    given = sound(9)
    written(tmp_path / "a.mp3", given, "128k")
    monkeypatch.setattr(pieces.os, "cpu_count", lambda: cores)
    written(tmp_path / "b.mp3", given, "128k")
    assert (tmp_path / "a.mp3").read_bytes() == (tmp_path / "b.mp3").read_bytes()


@pytest.mark.parametrize("frames", [150, 162, 168, 180])
def test_a_track_may_end_anywhere_about_a_joint(tmp_path, frames):
    for length in (frames * SAMPLES - 700, frames * SAMPLES):
        given = sound(length / RATE)
        assert len(written(tmp_path / "a.mp3", given, "128k")) == len(given)


def test_windows_are_read_where_they_stand():
    """A sudden blow makes LAME use short windows, in the frame where it falls and not in the quiet before."""
    given = np.zeros((60 * SAMPLES, 2), np.int16)
    given[30 * SAMPLES : 30 * SAMPLES + 4000] = 20_000
    stream = _encoded(lambda: mp3._lame(mp3.mode("128k"), 5), 0, given)
    short = [frame for frame in range(WARM, 50) if any(window >> 1 & 3 == 2 for window in stream.windows(frame))]
    assert short
    assert set(short) <= {29, 30, 31, 32, 33, 34, 35}
