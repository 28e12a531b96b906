"""Random edits of real scripts: each must give a plan or a list of problems, never a traceback, never a hang.

python -m tests.fuzz 100000 [SEED]
"""

import random
import signal
import sys
from dataclasses import replace
from fractions import Fraction

from narration.errors import NarrationError
from narration.script import parse
from narration.script.builtin import find, folder, names
from narration.script.fmt import fmt
from narration.session import estimated
from narration.text import LARGEST

_MARKS = """
[otherwise] [repeat 999 times] [repeat 0-3 times] [each side] [when 10 min or longer] [4s] [4] [hold 5s, count down]
[breathe in 4s, out 6s, 999 times, aloud 9] [release 10-4s] [4s+] [0s] [24h] [25h] [background ../x] <!-- --> {n} {side}
[end] <break time="3s"/> title: length: lengths: [1s] pace: sleep &a *a !!python/object:os.system 0.000000001s
"""
PIECES = [
    *_MARKS.split(),
    *_MARKS.split("\n"),
    *"[](){}<>#-+:,.!?\"'\\`*_~|\n\t …“”–—\u200b\ufeff\u202eéß你🌙0123456789",
]
PIECES += ["---\n", "\n\n", "# ", "## Title\n", "length: 9h\n", "999999999 min"]
TIMEOUT_S = 20  # of one edit: a hang, not slowness, is what it is for


def edited(text: str, chance: random.Random) -> str:
    """The text after one to six random edits."""
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(text) + 1)
        reach = min(len(text), at + int(chance.expovariate(1 / 20)))
        match chance.randrange(6):
            case 0:
                text = text[:at] + chance.choice(PIECES) + text[at:]
            case 1:
                text = text[:at] + text[reach:]
            case 2:
                text = text[:at] + text[at:reach] * chance.randint(2, 4) + text[reach:]
            case 3:
                other = chance.randrange(len(text) + 1)
                text = text[:other] + text[at:reach] + text[other:]
            case 4:
                text = text[:at] + chr(chance.choice([0, 7, 0x80, 0xA0, 0x2028, 0xD7FF, 0xFFFD, 0x1F319])) + text[at:]
            case 5:
                text = text[:at] + chance.choice(PIECES) + text[reach:]
    return text


def sources() -> list[str]:
    """The built-in scripts, whole and in parts: small texts make an edit count for more."""
    whole = [find(name).text for name in names()] + [path.read_text() for path in folder().rglob("*/*.md")]
    return whole + [part for text in whole for part in (text[: len(text) // 4], text[-1500:])]


def run(count: int, seed: int) -> dict[str, int]:
    """How many of ``count`` edits ended how. Raises what no edit may raise."""
    chance = random.Random(seed)
    texts = sources()
    ends = {"plan": 0, "problems": 0, "no plan": 0}
    signal.signal(signal.SIGALRM, _too_long)
    for number in range(count):
        text = edited(chance.choice(texts), chance)
        if len(text) > LARGEST:
            continue
        signal.alarm(TIMEOUT_S)
        try:
            ends[_outcome(text, chance)] += 1
        except Exception:
            sys.stderr.write(f"edit {number} of seed {seed}:\n{text}\n")
            raise
        finally:
            signal.alarm(0)
    return ends


def _outcome(text: str, chance: random.Random) -> str:
    try:
        document = parse(text, "fuzz.md")
    except NarrationError as error:
        return "problems" if str(error) else "silence"
    if chance.random() < 0.1:
        assert parse(fmt(text), "fuzz.md") == document
    try:
        estimated(replace(document, length=chance.choice([None, document.length, Fraction(600), Fraction(1500)])))
    except NarrationError as error:
        return "no plan" if str(error) else "silence"
    return "plan"


def _too_long(signum: int, frame: object) -> None:
    raise TimeoutError(f"an edit took longer than {TIMEOUT_S} s")


if __name__ == "__main__":
    sys.stdout.write(f"{run(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)}\n")
