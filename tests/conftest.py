import pytest
from hypothesis import settings

from narration.cache import Cache
from narration.voices.tone import Tone

settings.register_profile("no-clock", deadline=None)  # a busy machine fails no test
settings.load_profile("no-clock")


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    """Every test has a cache and a configuration of its own: none depends on what another, or the user, left there."""
    monkeypatch.setenv("NARRATION_CACHE", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.setenv("NARRATION_DATA", str(tmp_path_factory.mktemp("data")))
    monkeypatch.setenv("NARRATION_CONFIG", str(tmp_path_factory.mktemp("config")))


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "clips")


@pytest.fixture
def tone():
    return Tone()
