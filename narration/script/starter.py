"""The script that `narration new` writes: short, complete, and full of comments."""

from __future__ import annotations

import json

_TEXT = """\
---
title: {title}
language: en
length: 4 min               # --length asks for another
lengths: [3 min, 4 min, 5 min]   # those you have tried; `narration check` lays out each
ending: return              # return | sleep
audience: general           # general | pregnancy
pace: day                   # day | office | sleep: default pauses and speaking rate
background: rain            # a name from `narration backgrounds`, a file beside this one, or off
posture: sitting, or lying down with your head supported
tension: true               # muscles are tensed in it
description: A short rest for hands and shoulders.
notes: |                    # shown beside the track, not spoken
  This recording is for relaxation and is not medical advice. Please do not listen while driving or operating machinery.
  If anything hurts, leave it out. With high blood pressure, a heart problem, glaucoma or a recent injury, ask first or
  leave the tensing out.
reviewed_by:                # the name of a person who has reviewed it; software leaves it empty
---

<!-- Everything outside brackets, headings and comments like this one is spoken. Nothing else is. -->

# Settling in

Find a place where your hands can rest. [4s]
<!-- [4s] is exactly four seconds. [4-12s] is at least four, and stretches up to twelve to fill the length. -->
Let the next breath out be a little longer. [4-12s]

[breathe in 4s, out 6s, 3 times]

[2s]
And then let your breath be as it likes. [4-12s]

# Hands

[repeat 2 times]
Close both hands into loose fists, now.
[hold 5s]
And let go.
[release 15-45s]
[end]
<!-- A hold never stretches; a release may. {{n}} inside a repeat is first, second, and so on. -->

[when 4 min or longer]
# Shoulders

[each side]
Lift your {{side}} shoulder a little, now.
[hold 5s]
And let go.
[release 12-45s]
[end]
[end]

# Coming back

[when ending is return]
Move your fingers and your toes. [3-8s]
When you like, open your eyes and look around. [4-12s]
Sit for a moment, and stand up slowly.
[otherwise]
There is nothing more to do. [6-20s]
You can drift on.
[end]
"""


def starter(name: str) -> str:
    """The text of a first script; ``name`` becomes its title."""
    title = name.replace("-", " ").replace("_", " ").strip() or "A short rest"
    plain = title[:1].upper() + title[1:]
    return _TEXT.format(title=plain if plain.replace(" ", "").isalnum() else json.dumps(plain, ensure_ascii=False))
