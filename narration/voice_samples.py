"""A short sample of each voice: one calm paragraph in its own language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from . import voices
from .cache import Cache, folder
from .document import Say
from .encode import Target, write
from .files import check_writable
from .speech import speak
from .timing import RATE_HZ

PAUSE_S = 1.5
WPM = 126  # the pace of a sleep session at its start
PARAGRAPHS = {
    "en": "Let your shoulders sink. Breathe in slowly, and let the breath go. There is nothing you need to do now.",
    "de": "Lass die Schultern sinken. Atme langsam ein, und lass den Atem gehen. Du musst jetzt nichts tun.",
    "fr": "Laissez tomber vos épaules. Inspirez lentement, et laissez aller le souffle. Vous n'avez rien à faire.",
    "es": "Deja caer los hombros. Inspira despacio, y deja ir el aire. Ahora no tienes nada que hacer.",
    "it": "Lascia scendere le spalle. Inspira piano, e lascia andare il respiro. Adesso non devi fare nulla.",
    "nl": "Laat je schouders zakken. Adem rustig in, en laat de adem gaan. Je hoeft nu niets te doen.",
    "pt": "Deixe cair os ombros. Inspire devagar, e deixe ir o ar. Agora não precisa de fazer nada.",
    "ru": "Опустите плечи. Медленно вдохните, и отпустите дыхание. Сейчас ничего не нужно делать.",
}
COUNT = "1, 2, 3, 4, 5."  # for other languages: every voice reads figures in its own words


def write_samples(rows: Iterable[dict[str, Any]], where: Path) -> Iterator[tuple[dict[str, Any], Path | str]]:
    """Each row with the FLAC file of its voice's sample, or an empty string where the voice does not work here.

    Raises NarrationError where a file cannot be written or is not ours.
    """
    for row in rows:
        path = where / f"{re.sub(r'[^A-Za-z0-9+-]+', '-', row['name'])}.flac"
        if row["works"]:
            check_writable(path)
            _write(row["name"], path)
        yield row, path if row["works"] else ""


def _write(name: str, path: Path) -> None:
    voice = voices.load(name)
    try:
        language = voice.info.language.lower().split("-")[0]
        paragraph = PARAGRAPHS.get("en" if language == "any" else language, COUNT)
        says = [Say(sentence, wpm=WPM) for sentence in re.split(r"(?<=\.) ", paragraph)]
        clips = speak(says, voice, Cache(folder() / "clips"), path.name)
    finally:
        voice.close()
    silence = np.zeros(round(PAUSE_S * RATE_HZ), np.float32)
    mono = np.concatenate([piece for say in says for piece in (clips[say].samples, silence)])
    write(Target(path, "flac"), iter([np.repeat(mono[:, None], 2, axis=1)]), len(mono))
