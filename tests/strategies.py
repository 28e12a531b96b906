"""Generated scripts: text that parses, built from every mark and its other spellings."""

from hypothesis import strategies as st

number = st.integers(1, 99)
duration = st.one_of(
    number.map(lambda n: f"{n}s"),
    number.map(lambda n: f"{n} seconds"),
    number.map(lambda n: f"{n}00ms"),
    number.map(lambda n: f"{n / 10}s"),
    st.tuples(number, number).map(lambda pair: f"{pair[0] % 9 + 1} min {pair[1] % 59 + 1}s"),
)
elastic = st.one_of(
    duration,
    duration.map(lambda text: f"{text}+"),
    st.tuples(number, number).map(lambda pair: f"{min(pair)}-{max(pair)}s"),
    st.tuples(number, number).map(lambda pair: f"{min(pair)}s – {max(pair)} min"),
)
pause = st.one_of(
    elastic,
    elastic.map(lambda text: f"pause {text}"),
    duration.map(lambda text: f"pause:{text}"),
    duration.map(lambda text: f'break:"{text}"'),
    number.map(lambda n: f"PAUSE {n}s"),
    number.map(lambda n: f"{n} second pause"),
).map(lambda inside: f"[{inside}]")
leaf = st.one_of(
    pause,
    number.map(lambda n: f'<break time="{n}s"/>'),
    st.tuples(number, st.sampled_from(["", ", count down", ", count up"])).map(
        lambda pair: f"[hold {pair[0]}s{pair[1]}]"
    ),
    elastic.map(lambda text: f"[release {text}]"),
    st.tuples(number, number, st.sampled_from(["", ", hold 2s"])).map(
        lambda t: f"[breathe in {t[0]}s{t[2]}, out {t[1]}s, 3 times, aloud 2]"
    ),
    number.map(lambda n: f"[breathe in {n}s, out 6s]"),
    st.sampled_from(["[background off]", "[Background ocean]", "<!-- a note -->", "<!-- two\nlines -->"]),
)
words = st.sampled_from(
    [
        "Let your hands rest.",
        "Close both hands, now.",
        'And (let go)[rate:"slow"].',
        '(Rest)[ volume : "soft" ; emphasis:"strong" ] a while.',
        "A bracket \\[ is spoken \\] here.",
        "Perhaps (if you like) a smile.",
        "no full stop",
        "…and rest.",
    ]
)
line = st.one_of(words, words, leaf, st.tuples(words, leaf).map(" ".join))
heading = st.sampled_from(["# Settling in", "## Hands \\[left\\] ##", "#\tComing back"])


def _block(bodies):
    opening = st.sampled_from(
        [
            "[repeat 2 times]",
            "[repeat 1-3 times]",
            "[repeat twice]",
            "[REPEAT 2x]",
            "[each side]",
            "[each side, right first]",
            "[when 10 min or longer]",
            "[when shorter than 8 min 30s]",
            "[when ending is sleep]",
            "[when audience is pregnancy]",
        ]
    )
    plain = st.tuples(opening, bodies).map(lambda pair: f"{pair[0]}\n{pair[1]}\n[end]")
    either = st.tuples(bodies, bodies).map(
        lambda pair: f"[when ending is return]\n{pair[0]}\n[otherwise]\n{pair[1]}\n[end]"
    )
    numbered = st.sampled_from(["[repeat 3 times]\nThe {n} time.\n[end]", "[each side]\nLift your {side} hand.\n[end]"])
    return st.one_of(plain, either, numbered)


body = st.recursive(
    st.lists(st.one_of(line, heading), min_size=1, max_size=5).map("\n".join),
    lambda inner: st.lists(st.one_of(inner, _block(inner), line, heading), min_size=1, max_size=4).map("\n\n".join),
    max_leaves=6,
)
front = st.sampled_from(["", "---\ntitle: A session\npace: sleep\nlengths: [4 min, 1h]\n---\n", "---\n---\n"])
scripts = st.tuples(front, body).map("".join)
