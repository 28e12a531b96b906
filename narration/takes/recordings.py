"""A folder of takes into clips: which line each file is, all brought to one level, and what was wrong with them."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..backgrounds.decoding import decoded
from ..cache import Cache, key_of
from ..document import Say
from ..errors import NarrationError, Place
from ..loudness import gated_lufs
from ..peaks import limited
from ..speech import LEVEL_LUFS, PEAK_DBTP
from ..voices import VoiceInfo
from .cleaning import Mono, Ready, energies, ready
from .sheet import Line, code

VERSION = "2"  # of cutting, cleaning and levels: part of each clip's key
SUFFIXES = frozenset(".wav .flac .mp3 .ogg .oga .opus .aiff .aif .caf .au .m4a .aac .wma .w64".split())
NAME = re.compile(r"(?P<number>\d{1,5})[-_ ](?P<code>[0-9a-f]{8})", re.IGNORECASE)
# One gain for the whole folder keeps a soft line soft; half of a take's own distance from the folder's level is made up
# as well, but no more than this, so that a second evening at the microphone does not stand out. Judgement.
SHARE, MOST_DB = 0.5, 3.0
FAR_LU = 8.0  # a take this far from the folder's level was hardly meant so
NOISY_DB = -35.0  # room tone this near the speech is heard, and hides where the words begin and end


@dataclass(frozen=True)
class Takes:
    """The clips of a narrator's takes: keys in the cache by the code of the words; ``notes`` tells what was odd."""

    keys: Mapping[str, str]
    notes: tuple[str, ...] = ()

    def key(self, text: str) -> str | None:
        """The key of the clip for these words; None where they are not recorded."""
        return self.keys.get(code(text)) if self.keys else None

    def credited(self, voice: VoiceInfo, says: Iterable[Say]) -> tuple[VoiceInfo, tuple[str, ...]]:
        """Who speaks a track of these lines, for its tags, and what its report says of the takes."""
        texts = {code(say.text) for say in says}
        count = len(texts & set(self.keys))
        if not count:
            return voice, self.notes
        told = f"{count} of {len(texts)} lines are recorded"
        if count == len(texts):
            narrator = replace(voice, title="the narrator's own", synthetic=False, licence="the narrator's")
            return narrator, (f"{told}: all of them", *self.notes)
        mixed = replace(voice, title=f"the narrator's own and {voice.title}")
        return mixed, (f'{told}; the voice "{voice.name}" speaks the rest', *self.notes)


NONE = Takes({})


def read(
    folder: Path, lines: Sequence[Line], cache: Cache, progress: Callable[[int, int], None] = lambda done, of: None
) -> Takes:
    """The takes in a folder for the lines of a script, their clips in the cache.

    Raises NarrationError, with every one of them, for takes that cannot be read, hold no speech or are there twice.
    """
    files, notes = _named(folder, lines)
    loudness: dict[str, np.ndarray] = {}
    texts = {line.code: line.text for line in lines}
    problems: list[str] = []
    for done, (name, path) in enumerate(files.items(), start=1):
        try:
            take = _take(path)
        except NarrationError as error:
            problems.append(str(error))
            continue
        loudness[name] = energies(take.samples)
        notes += _heard(path, take, texts[name])
        progress(done, len(files))
    if problems:
        raise NarrationError("\n".join(problems))
    if not files:
        return Takes({}, tuple(notes))
    folder_lufs = gated_lufs(np.concatenate(list(loudness.values())))
    keys: dict[str, str] = {}
    for name, path in files.items():
        apart_lu = gated_lufs(loudness[name]) - folder_lufs
        if abs(apart_lu) > FAR_LU:
            how = "softer" if apart_lu < 0 else "louder"
            notes.append(f'the take {path.name} is {abs(apart_lu):.0f} LU {how} than the others: "{texts[name]}"')
        gain_db = LEVEL_LUFS - folder_lufs - float(np.clip(SHARE * apart_lu, -MOST_DB, MOST_DB))
        keys[name] = _kept(path, gain_db, cache)
    return Takes(keys, tuple(notes))


def _named(folder: Path, lines: Sequence[Line]) -> tuple[dict[str, Path], list[str]]:
    """The file of each line by its code, and what is to be said of the other files."""
    if not os.path.isdir(folder):
        raise NarrationError("there is no such folder of takes.", Place(str(folder)), "narration takes SCRIPT")
    known = {line.code: line for line in lines}
    by_number = {int(line.name.split("-")[0]): line for line in lines}
    files: dict[str, Path] = {}
    notes: list[str] = []
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in SUFFIXES or path.name.startswith("."):
            continue
        found = NAME.match(path.stem)
        name = found["code"].lower() if found else ""
        if not found:
            notes.append(f"{path.name} is not named after a line, such as {lines[0].name}{path.suffix}: not used")
        elif name in files:
            raise NarrationError(
                f'two takes of one line: {files[name].name} and {path.name} ("{known[name].text}").',
                Place(str(folder)),
                "leaving one of them there",
            )
        elif name in known:
            files[name] = path
        else:
            now = by_number.get(int(found["number"]))
            words = f'; line {now.name} now says "{now.text}"' if now else ""
            notes.append(f"{path.name} is a take of words that the script does not have: not used{words}")
    return files, notes


def _take(path: Path) -> Ready:
    """A take made ready. Raises NarrationError for one that cannot be read or holds no speech."""
    sound: Mono = np.concatenate([np.zeros(0, np.float32), *(block.mean(axis=1) for block in decoded(path))])
    try:
        return ready(sound.astype(np.float32))
    except ValueError:
        raise NarrationError("there is no speech in this take.", Place(str(path)), "recording it again") from None


def _heard(path: Path, take: Ready, text: str) -> list[str]:
    """What is odd about a take."""
    notes = []
    if take.clipped:
        notes.append(f'the take {path.name} is clipped in {take.clipped} places, recorded too loud: "{text}"')
    if take.room_db is not None and take.room_db > NOISY_DB:
        notes.append(f'the room in {path.name} is only {-take.room_db:.0f} dB under the voice: "{text}"')
    return notes


def _kept(path: Path, gain_db: float, cache: Cache) -> str:
    """The key of the take's clip at this gain, made if the cache does not hold it."""
    key = key_of(["take", VERSION, hashlib.sha256(path.read_bytes()).hexdigest(), f"{gain_db:.2f}"])
    if cache.get(key) is None:
        samples = _take(path).samples
        cache.put(key, limited(samples * np.float32(10 ** (round(gain_db, 2) / 20)), PEAK_DBTP))
    return key
