"""Speech: every line spoken once, trimmed to its speech, brought to one level and rate, and kept in the cache."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import prod

import numpy as np
from numpy.typing import NDArray

from .cache import Cache, key_of
from .document import Inline, Say
from .errors import NarrationError, Place
from .manner import KINDS, manner_of
from .pace import PACES
from .peaks import limited
from .speech_bounds import trim
from .timing import RATE_HZ
from .voices import Voice, VoiceError

SEED = 0  # of the voice's own randomness: the same for every line, so that a line sounds the same in every script
LEVEL_LUFS = -23.0  # the loudness of a voice's clips; one constant gain a voice, so that a soft line stays soft
PEAK_DBTP = LEVEL_LUFS + 16.0  # of a clip: a voice may give a pulse of a millisecond 7 dB over all around it
VERSION = "3"  # of trimming, resampling and levels: part of each clip's key
Progress = Callable[[int, int], None]  # done, of how many


@dataclass(frozen=True)
class Clip:
    """What is heard of one line: mono float32 in [-1, 1] at 44.1 kHz, from the onset of speech to its end."""

    samples: NDArray[np.float32]
    rate_hz: int = RATE_HZ


class Clips(Mapping[Say, Clip]):
    """The clips of a script by what is said. Samples are read when asked for, so that a long track needs little memory.

    ``lengths`` are their samples; ``made`` counts those that were not in the cache, ``notes`` tells what was odd.
    """

    def __init__(
        self, cache: Cache, keys: dict[Say, str], lengths: dict[Say, int], made: int, notes: tuple[str, ...]
    ) -> None:
        self._cache, self._keys = cache, keys
        self.lengths, self.made, self.notes = lengths, made, notes

    def __getitem__(self, say: Say) -> Clip:
        samples = self._cache.get(self._keys[say])
        if samples is None or len(samples) != self.lengths[say]:
            raise NarrationError(
                "the cache lost a clip while it was in use.", Place(str(self._cache.path)), "the same command again"
            )
        return Clip(samples)

    def __iter__(self) -> Iterator[Say]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


class _Speaker:
    """One voice at work for one script: keys, synthesis, and what it could not do."""

    def __init__(self, voice: Voice, cache: Cache) -> None:
        self.voice, self.cache = voice, cache

    @cached_property
    def gain(self) -> np.float32:
        return np.float32(10 ** ((LEVEL_LUFS - self.voice.info.level_lufs) / 20))

    def wpm(self, say: Say) -> int:
        return self.within(say.wpm or self.voice.info.wpm)

    def within(self, wpm: int) -> int:
        slowest, fastest = self.voice.info.speeds
        return min(max(wpm, slowest), fastest)

    def key(self, say: Say) -> str:
        marks = [f"{mark.start}-{mark.end} {mark.kind} {mark.value}" for mark in self.marks(say)]
        return key_of(
            [VERSION, self.voice.info.fingerprint, str(RATE_HZ), str(self.wpm(say)), str(SEED), say.text, *marks]
        )

    def marks(self, say: Say) -> tuple[Inline, ...]:
        """The marks that are followed: of a sound and a spelling for one stretch, the sound where the voice can."""
        can = self.voice.info.can
        kept = [mark for mark in say.inline if mark.kind in can | {"sub"} or _is_whole(mark, say)]
        sounds = {(mark.start, mark.end) for mark in kept if mark.kind == "ipa"}
        return tuple(mark for mark in kept if mark.kind != "sub" or (mark.start, mark.end) not in sounds)

    def unable(self, say: Say) -> set[str]:
        spelled = {(mark.start, mark.end) for mark in say.inline if mark.kind == "sub"}
        left = set(say.inline) - set(self.marks(say))
        return {mark.kind for mark in left if mark.kind != "sub" and (mark.start, mark.end) not in spelled}

    def speak(self, say: Say) -> NDArray[np.float32]:
        import soxr

        followed = self.marks(say)
        whole = [manner_of(mark) for mark in followed if _is_whole(mark, say)]
        text, marks = _substituted(say.text, tuple(mark for mark in followed if not _is_whole(mark, say)))
        phonemes = tuple((mark.start, mark.end, mark.value) for mark in marks if mark.kind == "ipa")
        manners = tuple(manner_of(mark) for mark in marks if mark.kind in KINDS)
        more = {"manners": manners} if manners else {}  # a voice that cannot follow them need not know the word
        wpm = self.within(round(self.wpm(say) * prod(manner.rate for manner in whole)))
        raw = self.voice.synthesize(text, wpm, SEED, phonemes, **more)
        raw = raw * np.float32(10 ** (sum(manner.gain_db for manner in whole) / 20))
        if len(raw):
            raw = soxr.resample(raw, self.voice.info.rate_hz, RATE_HZ, quality="HQ")
        try:
            return limited(trim(raw * self.gain, RATE_HZ), PEAK_DBTP)
        except ValueError:
            raise VoiceError(f'the voice "{self.voice.info.name}" made no sound of "{say.text}".') from None

    def keep(self, say: Say) -> int:
        """Speak a line into the cache; samples of its clip."""
        samples = self.speak(say)
        self.cache.put(self.key(say), samples)
        return len(samples)


def _is_whole(mark: Inline, say: Say) -> bool:
    """Whether a manner is that of a whole line, which needs no voice that can change within one."""
    outside = say.text[: mark.start] + say.text[mark.end :]
    return mark.kind in KINDS and not any(character.isalnum() for character in outside)


def speak(
    says: Sequence[Say],
    voice: Voice,
    cache: Cache,
    source: str,
    progress: Progress = lambda done, of: None,
    recorded: Callable[[str], str | None] = lambda text: None,
) -> Clips:
    """The clips of these lines, from the cache or made by the voice, on all cores.

    ``recorded`` gives the key of a clip that the cache holds of these words, or None: the voice is not asked for those.

    A clip that the cache holds but that is damaged is made again, with a note. Raises VoiceError, with the line of the
    script, for a line that cannot be spoken.
    """
    speaker = _Speaker(voice, cache)
    keys = {say: recorded(say.text) or speaker.key(say) for say in says}
    lengths: dict[Say, int] = {}
    for say, key in keys.items():
        if (samples := cache.get(key)) is not None:
            lengths[say] = len(samples)
    missing = [say for say in says if say not in lengths]
    notes = [f'a damaged clip was made again: "{say.text}"' for say in missing if cache.damaged(keys[say])]
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        jobs = [(say, pool.submit(speaker.keep, say)) for say in missing]
        try:
            for done, (say, job) in enumerate(jobs, start=1):
                lengths[say] = _located(job.result, say, source)
                progress(done, len(jobs))
        finally:
            pool.shutdown(cancel_futures=True)
    slowest, fastest = voice.info.speeds
    if any(say.wpm and not slowest <= say.wpm <= fastest for say in says):
        notes.append(
            f'the voice "{voice.info.name}" speaks {slowest} to {fastest} words a minute, and was asked for others'
        )
    unable = sorted(set().union(*(speaker.unable(say) for say in says)))
    notes += [
        f'the voice "{voice.info.name}" does not follow the inline mark "{kind}" within a line' for kind in unable
    ]
    return Clips(cache, keys, {say: lengths[say] for say in says}, len(missing), tuple(notes))


def _located(result: Callable[[], int], say: Say, source: str) -> int:
    try:
        return result()
    except VoiceError as error:
        if error.place is None and say.line:
            raise VoiceError(error.message, Place(source, say.line), error.hint) from None
        raise


def _substituted(text: str, marks: tuple[Inline, ...]) -> tuple[str, tuple[Inline, ...]]:
    """The text with each ``sub`` in the place of its words, and the other marks moved along."""
    for sub in sorted((mark for mark in marks if mark.kind == "sub"), key=lambda mark: -mark.start):
        shift = len(sub.value) - (sub.end - sub.start)
        text = text[: sub.start] + sub.value + text[sub.end :]
        marks = tuple(
            replace(
                mark,
                start=mark.start + shift * (mark.start >= sub.end),
                end=mark.end + shift * (mark.end >= sub.end),
            )
            for mark in marks
        )
    return text, marks


def estimate(says: Sequence[Say]) -> dict[Say, int]:
    """Samples that these lines would about take, without a voice: by the words and letters of each and its rate."""
    return {say: int(_weight(say.text) * 60 * RATE_HZ / (say.wpm or PACES["day"].wpm_at(Fraction(0)))) for say in says}


def _weight(text: str) -> float:
    """How many average words a text is as long as: half by its words, half by its letters, a little for commas."""
    letters = sum(character.isalnum() for character in text)
    return max(0.9, 0.5 * len(text.split()) + 0.5 * letters / 4.1 + 0.5 * (text.count(",") + text.count(";")))
