import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from narration.cache import Cache, folder, held, key_of, prune
from narration.errors import NarrationError

SAMPLES = np.linspace(-1, 1, 1000, dtype=np.float32)


def test_what_is_put_is_got(tmp_path):
    cache = Cache(tmp_path)
    cache.put(key_of(["a"]), SAMPLES)
    assert np.abs(cache.get(key_of(["a"])) - SAMPLES).max() <= 0.5 / 32767 + 1e-7
    assert cache.get(key_of(["b"])) is None
    assert [path.suffix for path in tmp_path.rglob("*") if path.is_file()] == [".clip"]


@pytest.mark.parametrize(
    "harm", [lambda data: data[:-1], lambda data: data[:-4] + b"abcd", lambda data: b"", lambda data: data[:20]]
)
def test_a_damaged_file_is_not_believed(tmp_path, harm):
    cache = Cache(tmp_path)
    cache.put(key_of(["a"]), SAMPLES)
    (file,) = (path for path in tmp_path.rglob("*.clip"))
    file.write_bytes(harm(file.read_bytes()))
    assert cache.get(key_of(["a"])) is None
    assert cache.damaged(key_of(["a"]))
    cache.put(key_of(["a"]), SAMPLES)
    assert not cache.damaged(key_of(["a"]))


@given(st.lists(st.text(max_size=5), max_size=4), st.lists(st.text(max_size=5), max_size=4))
def test_two_lists_of_fields_never_share_a_key(one, other):
    assert (key_of(one) == key_of(other)) == (one == other)


def test_a_cache_that_cannot_be_written_is_told_plainly(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(NarrationError, match="the cache cannot be written"):
        Cache(tmp_path / "file").put(key_of(["a"]), SAMPLES)


def test_prune_removes_what_was_used_longest_ago_and_nothing_else():
    cache = Cache(folder() / "clips")
    keys = [key_of([name]) for name in "abc"]
    for age, key in enumerate(keys):
        cache.put(key, SAMPLES)
        (file,) = (path for path in folder().rglob("*.clip") if path.stem in key)
        os.utime(file, (age, age))
    mine = folder() / "clips" / "mine.txt"
    mine.write_text("keep")
    cache.get(keys[0])  # used just now
    assert held().files == 3
    assert prune(held().size_bytes - 1).files == 1
    assert [cache.get(key) is not None for key in keys] == [True, False, True]
    assert prune(0).files == 2
    assert held().files == 0
    assert mine.read_text() == "keep"
