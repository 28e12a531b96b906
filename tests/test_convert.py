"""Scripts as SSML and Speech Markdown, and SSML as scripts."""

import random
import re
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from narration.cli import main
from narration.convert import NOTATIONS, read_ssml
from narration.convert.elements import DEEPEST
from narration.convert.outline import LONGEST_BREAK_MS
from narration.convert.speechmarkdown import speechmarkdown
from narration.convert.ssml_reading import STRENGTHS_MS
from narration.convert.ssml_writing import ssml
from narration.errors import NarrationError, ScriptError
from narration.files import made_by_narration
from narration.script import parse
from narration.script.builtin import find, lessons, names
from narration.session import estimated
from narration.timing import RATE_HZ

from .fuzz import edited
from .ssml_model import faults
from .strategies import body, front, line, words

_MANY = st.lists(st.one_of(words, line, body), min_size=3, max_size=8).map("\n\n".join)
SCRIPTS = st.tuples(front, _MANY, words).map(lambda parts: f"{parts[0]}{parts[1]}\n\n{parts[2]}")
ALL = [*(find(name) for name in names()), *lessons("jacobson")]


def planned(text, **asked):
    document = replace(parse(text, "a.md"), **asked)
    return document, estimated(document)


def silences(plan):
    """Milliseconds before each utterance and after the last, lead and tail left out, and what is said between them."""
    at, rows = next((span.length for span in plan.spans if span.kind == "lead"), 0), []
    for one in plan.utterances:
        rows += [(one.start - at) * 1000 / RATE_HZ, one.say.text]
        at = one.end
    return [*rows, (sum(span.length for span in plan.spans if span.kind != "tail") - at) * 1000 / RATE_HZ]


def assert_same_time(before, after):
    """The same words in the same order, every silence within a millisecond, with no drift over all of them."""
    old, new = silences(before), silences(after)
    assert old[1::2] == new[1::2]
    assert all(abs(a - b) <= 1.0001 for a, b in zip(old[::2], new[::2], strict=True))
    assert abs(sum(old[::2]) - sum(new[::2])) <= 1


def inline(document):
    """Every inline mark of a plan's words, but for those that nest in no notation."""
    return [(say.text[mark.start : mark.end], mark.kind, mark.value) for say in document for mark in say.inline]


def said(plan):
    return [one.say for one in plan.utterances]


@pytest.mark.parametrize("source", ALL, ids=lambda source: source.stem)
def test_every_session_goes_to_ssml_and_back_at_each_of_its_lengths(source):
    for length in (None, *parse(source.text).lengths):
        document, plan = planned(source.text, length=length)
        text = ssml(document, plan)
        assert faults(text) == []
        reading = read_ssml(text, "a.ssml")
        assert reading.notes == ()
        again, plan_again = planned(reading.script)
        assert_same_time(plan, plan_again)
        assert [one.title for one in plan.chapters] == [one.title for one in plan_again.chapters]
        assert [one.background for one in plan.turns] == [one.background for one in plan_again.turns]
        kept = ("title", "language", "pace", "ending", "audience", "background")
        assert all(getattr(document, key) == getattr(again, key) for key in kept)
        edges = [[span.length for span in one.spans if span.kind in ("lead", "tail")] for one in (plan, plan_again)]
        assert edges[0] == edges[1]


@given(SCRIPTS)
@settings(deadline=None, max_examples=250)
def test_words_marks_and_silences_survive_the_way_through_ssml(text):
    try:
        document, plan = planned(text)
    except NarrationError:  # nothing is spoken, or a count has no room
        return
    written = ssml(document, plan)
    assert faults(written) == []
    _, plan_again = planned(read_ssml(written).script)
    assert_same_time(plan, plan_again)
    assert inline(said(plan)) == inline(said(plan_again))
    assert [one.title for one in plan.chapters] == [one.title for one in plan_again.chapters]


@pytest.mark.parametrize(
    "inside",
    [
        '<break time="4"/>',
        "<sub>a</sub>",
        "<s><p>a</p></s>",
        "<pause/>",
        '<mark name="a  b"/>',
        "a<meta name='b'/>",
        "<p/><meta/>",
    ],
)
def test_the_model_of_ssml_finds_what_is_wrong(inside):
    right = '<speak version="1.1" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang="en">{}</speak>'
    assert faults(right.format("<p><s>a</s></p>")) == []
    assert faults(right.format(inside))


def body_of(text):
    document, plan = planned(f"---\nbackground: off\nlead: 0s\n---\n{text}")
    return [
        row.strip() for row in ssml(document, plan).splitlines() if not row.strip().startswith(("<meta", "<?", "<p"))
    ]


def test_whole_milliseconds_stay_exact_and_long_silences_are_several_breaks():
    rows = body_of("Rest. [1.2345678s] Go. [hold 6s] Now. [release 23s] On. [0s] Off.")
    assert [row for row in rows if "break" in row] == [
        '<break time="1235ms"/>',
        '<break time="6s"/> <!-- hold 6s -->',
        '<break time="10s"/><break time="10s"/><break time="3s"/> <!-- release -->',
        '<break time="0ms"/>',
    ]
    assert LONGEST_BREAK_MS == 10_000


def test_a_count_is_spoken_at_its_place():
    _, plan = planned("Close them. [hold 3s, count down] Go.")
    rows = body_of("Close them. [hold 3s, count down] Go.")
    at = rows.index("<s>three</s>")
    assert (rows[at + 2], rows[at + 4]) == ("<s>two</s>", "<s>one</s>")
    numbers = [one for one in plan.utterances if one.say.text in ("three", "two", "one")]
    gaps = [int(re.search(r'"(\d+)ms"', rows[at + offset])[1]) for offset in (1, 3, 5)]
    assert [one.length * 1000 / RATE_HZ + gap for one, gap in zip(numbers, gaps, strict=True)] == pytest.approx(
        [1000] * 3, abs=1
    )


def test_marks_of_a_line_become_the_elements_they_mean():
    rows = body_of(
        '(Let go)[rate:"slow";volume:"soft"] of (it)[emphasis:"strong"], (Jacobson)[ipa:"ˈdʒeɪ"] & (BWV)[sub:"B W V"]. '
        '(Rest)[voice:"amy"]. \\<b>'
    )
    sentence = (
        '<s><prosody rate="slow" volume="soft">Let go</prosody> of <emphasis level="strong">it</emphasis>, '
        '<phoneme alphabet="ipa" ph="ˈdʒeɪ">Jacobson</phoneme> &amp; <sub alias="B W V">BWV</sub>.</s>'
    )
    assert sentence in rows
    assert '<s><voice name="amy">Rest</voice>.</s>' in rows
    assert "<s>&lt;b&gt;</s>" in rows


def test_breaths_chapters_and_backgrounds_are_told():
    rows = body_of("Rest.\n\n# Out & in\n[background rain]\nBreathe. [breathe in 4s, out 6s, 2 times]\n\nGo.\n\nOn.")
    assert '<mark name="chapter: Out &amp; in"/>' in rows
    assert '<mark name="background: rain"/>' in rows
    assert '<break time="10s"/><break time="10s"/> <!-- breathe in 4s, out 6s, 2 times -->' in rows
    assert rows.count("</p>") == 3  # before the chapter, between the paragraphs, at the end


def speak(inside, attributes=""):
    return f"<speak {attributes}>{inside}</speak>"


def read_body(inside):
    return read_ssml(speak(inside)).script.split("---\n", 2)[2].strip()


@pytest.mark.parametrize(
    ("inside", "script"),
    [
        ("Rest.", "Rest."),
        ("<p>Rest.</p><p>Go.</p>", "Rest.\n\nGo."),
        ("<s>Rest.</s><s>Go.</s>", "Rest.\nGo."),
        ("<s>no full stop</s> <s>Go.</s>", "no full stop\n\nGo."),
        ("<s>Rest.</s><s>and go</s>", "Rest.\n\nand go"),
        ("Rest. Then\n   go. On.", "Rest.\nThen go.\nOn."),
        ('Rest<break time="1s"/>.', "Rest [1s]"),
        ('Rest.<break time="4s"/><break time="+.5s"/> <break time="250ms"/>Go.', "Rest. [4.5s]\n[250ms]\nGo."),
        ('Rest.<break/>Go.<break strength="none"/>', "Rest. [750ms]\nGo. [0s]"),
        ('Rest.<break strength="x-strong" time="90s"/>', "Rest. [1 min 30s]"),
        (
            'Let <prosody rate="slow" volume="soft">go <emphasis>now</emphasis></prosody>.',
            'Let (go)[rate:"slow";volume:"soft"] (now)[rate:"slow";volume:"soft";emphasis:"moderate"].',
        ),
        ('<prosody rate="slow">Rest. <prosody rate="medium">Go.</prosody></prosody>', '(Rest.)[rate:"slow"]\nGo.'),
        ('<prosody volume="-6dB" rate="default">a (b)</prosody>', '(a \\(b\\))[volume:"soft"]'),
        ('<sub alias="B W V; [x]">BWV</sub> <phoneme ph="ˈdʒeɪ">J</phoneme>', '(BWV)[sub:"B W V, x"] (J)[ipa:"ˈdʒeɪ"]'),
        ('<sub alias="music">♪</sub> plays.', "music plays."),
        ('One<mark name="a--b"/> two.', "<!-- mark: a-b -->\nOne two."),
        (
            '<mark name="chapter: A [b] #"/>Rest.<mark name="background: off"/>',
            "# A \\[b\\] \\#\n\nRest.\n[background off]",
        ),
        ("# a [4s] &lt;b> \\ {n} --> (x)[y]", "\\# a \\[4s\\] \\<b\\> \\\\ (n) --\\> (x)\\[y\\]"),
        ("<![CDATA[a & b]]>", "a & b"),
        ('<voice name="amy"><lang xml:lang="en">Rest.</lang></voice>', "Rest."),
        ("<metadata><x>no words</x></metadata>Rest.", "Rest."),
        ("… <p>Rest.</p> –", "Rest."),
    ],
)
def test_what_ssml_says_is_said_in_the_script(inside, script):
    assert read_body(inside) == script
    parse(read_ssml(speak(inside)).script)


def test_title_and_language_come_from_the_ssml():
    text = speak('<meta name="title" content="No: 7 #"/><meta name="seeAlso" content="x"/>Los.', 'xml:lang="de-AT"')
    document = parse(read_ssml(text).script, "a.md")
    assert (document.title, document.language) == ("No: 7 #", "de-AT")


@pytest.mark.parametrize(
    ("inside", "note"),
    [
        ('<prosody pitch="low">a</prosody>', "2: note: pitch of <prosody> is not followed"),
        ('<prosody rate="85%">a</prosody>', 'rate="85%" is read as slow'),
        ('<prosody rate="-50%">a</prosody>', 'rate="-50%" is read as x-slow'),
        ('<prosody rate="1.2">a</prosody>', 'rate="1.2" is read as fast'),
        ('<prosody volume="90">a</prosody>', 'volume="90" is read as x-loud'),
        ('<prosody volume="-100%">a</prosody>', 'volume="-100%" is read as silent'),
        ('<say-as interpret-as="date">1.2.</say-as>', '<say-as interpret-as="date"> is not followed'),
        ('<voice name="amy">a</voice>', '<voice name="amy"> is not followed'),
        ('<amazon:effect name="whispered">a</amazon:effect>', "<amazon:effect> is not followed"),
        ('<p xml:lang="fr">a</p>', "the words in fr are read as the rest"),
        ('<phoneme alphabet="x-sampa" ph="a">a</phoneme>', 'the alphabet "x-sampa" is not read'),
        ('<lexicon uri="x"/>a', "<lexicon> is not read"),
        ("a {b}", "1: note: braces"),
        ('<meta name="pace" content="quick"/>a', "meta: pace: found"),
    ],
)
def test_what_a_script_has_no_mark_for_is_noted_with_its_line(inside, note):
    (found,) = read_ssml(speak("\n" + inside, 'xml:lang="en"'), "a.ssml").notes
    assert note in found
    assert found.startswith("a.ssml:")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "a.ssml:1:1: found nothing"),
        ("Rest.", 'a.ssml:1:1: found "Rest." (syntax error); expected <speak>'),
        ("<speak>\n é <b", 'a.ssml:2:4: found "<b" (unclosed token)'),
        ("<speak>\n é & b</speak>", 'a.ssml:2:4: found "& b</speak>" (not well-formed'),
        ("<speak>\n<p>Rest.</s></speak>", "expected </p> for the <p> of line 2."),
        ("<speak>Rest.", "expected </speak> for the <speak> of line 1. Try: </speak>"),
        ("<speak>&nbsp;a</speak>", 'a.ssml:1:8: found "&nbsp;a</speak>" (undefined entity); expected one of &amp;'),
        ("<speak>a</speak>b", "expected nothing after </speak>"),
        ('<!DOCTYPE speak [<!ENTITY a "b">]><speak>&a;</speak>', "a.ssml:1:1: found a <!DOCTYPE …>"),
        ('<!DOCTYPE speak SYSTEM "file:///etc/passwd"><speak>a</speak>', "a.ssml:1:1: found a <!DOCTYPE …>"),
        ("<p>" * (DEEPEST + 1), f"found more than {DEEPEST} elements"),
        ("<script>a</script>", "a.ssml:1:1: found <script>; expected <speak>"),
        (speak("<brake/>a"), 'found <brake>, which is no element of SSML (did you mean "break"?)'),
        (speak('\n a <audio src="x.mp3"/>'), 'a.ssml:2:4: found <audio src="x.mp3">'),
        (speak('<break time="3"/>a'), 'found time="3"; expected seconds or milliseconds. Try: time="3s"'),
        (speak('<break time="s"/>a'), 'found time="s"'),
        (speak('<break time="-3s"/>a'), 'found time="-3s"'),
        (speak('<break time="25000000s"/>a'), "expected at most 24 hours"),
        (speak('<break strength="strng"/>a'), 'did you mean "strong"?'),
        (speak('<prosody rate="quick">a</prosody>'), 'found rate="quick"; expected one of x-slow'),
        (speak('<prosody volume="+3">a</prosody>'), 'found volume="+3"'),
        (speak('<emphasis level="storng">a</emphasis>'), 'did you mean "strong"?'),
        (speak("<sub>a</sub>"), "found <sub> without its alias"),
        (speak("<phoneme>a</phoneme>"), "found <phoneme> without its ph"),
        (speak('<phoneme ph="a"/>'), "found no words inside <phoneme>"),
        (speak('<sub alias="b"><s>a</s></sub>'), "found <s> inside <sub>"),
        (speak("a", 'xml:lang="english please"'), 'xml:lang: found "english please"'),
        (speak('<break time="&#x9b;2J"/>a'), 'found time=" 2J"'),
        (speak("<p> … </p>"), "nothing in this file is spoken"),
    ],
)
def test_what_cannot_be_read_is_told_with_line_and_column(text, told):
    with pytest.raises(NarrationError) as error:
        read_ssml(text, "a.ssml")
    assert told in str(error.value)


def test_every_problem_is_told_in_one_run():
    with pytest.raises(ScriptError) as error:
        read_ssml(speak('<break time="3"/>\n<audio src="x"/>\n<b>a</b>'), "a.ssml")
    assert [(one.line, one.column) for one in error.value.problems] == [(1, 9), (2, 1), (3, 1)]


_ODD = (*"ab A.!?…#[](){}<>\\&'—-;: \n\t_*`|é", "\x85", "\u2028", "\u200b", "Dr. ", "--", "1")
NASTY = st.lists(st.sampled_from(_ODD), max_size=12).map("".join)
OPENINGS = ("p", "s", 'prosody rate="slow"', "emphasis", 'sub alias="x [y]; z"', 'phoneme ph="a"', "voice", "say-as")


def _element(inner):
    def wrapped(pair):
        opening, inside = pair
        return f"<{opening}>{inside}</{opening.split()[0]}>"

    return st.tuples(st.sampled_from(OPENINGS), inner).map(wrapped)


escaped = NASTY.map(lambda text: text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))
leaf = st.one_of(
    escaped,
    escaped,
    st.sampled_from(['<break time="2s"/>', "<break/>", '<mark name="a -- {b} --"/>']),
    NASTY.map(lambda text: '<mark name="chapter: ' + re.sub(r'[<>&"\x85]', "", text) + '"/>'),
)
trees = st.recursive(leaf, lambda inner: st.one_of(_element(inner), st.lists(inner, max_size=4).map("".join)))


@given(trees, NASTY)
@settings(deadline=None, max_examples=300)
def test_whatever_is_read_is_a_script_that_says_the_same_words(inside, title):
    title = re.sub(r'[<>&"]', "", title)
    try:
        reading = read_ssml(speak(f'<meta name="title" content="{title}"/>{inside}'))
    except NarrationError:
        return
    _, plan = planned(reading.script)
    heard = "".join(one.say.text for one in plan.utterances)
    without = re.sub(r"<[^>]*>", "", inside).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    letters = [re.sub(r"[\W_]", "", text) for text in (heard, without)]
    assert letters[0].replace("xyz", "") == letters[1]


@given(SCRIPTS)
@settings(deadline=None, max_examples=60)
def test_speech_markdown_has_every_word_and_only_marks_it_knows(text):
    try:
        document, plan = planned(text)
    except NarrationError:
        return
    written = speechmarkdown(document, plan)
    bare = re.sub(r'\[(\d+m?s|mark:"[\w-]*"|(;?(rate|volume|emphasis|ipa|sub|voice):"[^"]*")+)\]', "", written)
    assert "[" not in bare
    words = ["".join(re.findall(r"\w+", text)) for text in (bare, " ".join(one.say.text for one in plan.utterances))]
    assert words[0] == words[1]


def test_speech_markdown_is_a_line_for_each_sentence():
    text = '# Hands & pieds légers\nLet (it)[ipa:"ɪt"] be - now + [1.5s] '
    text += '\\[Rest\\] (a)[rate:"slow";volume:"soft"]. [hold 12s]'
    assert speechmarkdown(*planned(text)).splitlines() == [
        '[mark:"Hands-pieds-legers"]',
        'Let (it)[ipa:"ɪt"] be – now ＋ [1500ms]',
        '(Rest) (a)[rate:"slow";volume:"soft"]. [10s] [2s]',
    ]


def test_random_edits_of_ssml_are_read_or_refused_and_never_half_read():
    chance = random.Random(7)
    text = ssml(*planned('(Let go)[rate:"slow"] of it. [3s]\n\n# Hands\n(J)[ipa:"x"] rests. [hold 3s, count down] On.'))
    told, read = [], 0
    for _ in range(1500):
        try:
            reading = read_ssml(edited(text, chance), "a.ssml")
        except NarrationError as error:
            told += str(error).splitlines()
        else:
            planned(reading.script)
            read += 1
    assert read > 50
    right = re.compile(r"a\.ssml:\d+:\d+: .*(expected|did you mean|have: )|a\.ssml: nothing in this file is spoken")
    assert [line for line in told if not right.match(line)] == []


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return lambda *args, given=None: CliRunner().invoke(main, ["convert", *map(str, args)], input=given)


def test_the_command_writes_standard_output_or_a_file_of_ours(run, tmp_path):
    (tmp_path / "a.md").write_text("Rest. [4-8s] Go.")
    text = run("a.md", "--to", "ssml").stdout
    assert '<break time="4s"/>' in text
    assert run("a.md", "--to", "ssml", "-o", "a.ssml").stdout == ""
    assert (tmp_path / "a.ssml").read_text() == text
    assert made_by_narration(tmp_path / "a.ssml")
    assert run("a.md", "--to", "ssml", "-o", "a.ssml", "--length", "20s").exit_code == 0
    assert run("a.ssml", "--to", "script", "-o", "b.md").exit_code == 0
    again = run("a.ssml", "--to", "script", "-o", "b.md")
    assert again.exit_code == 1
    assert "narration did not make it" in again.stderr
    assert run("a.ssml", "--to", "script", "-o", "b.md", "--force").exit_code == 0
    assert run("a.md", "--to", "ssml", "-o", "a.md", "--force").exit_code == 2
    assert run("-", "--to", "script", given=text).exit_code == 0


def test_the_command_settles_length_ending_audience_and_pace(run):
    script = "Rest. [1-60s] Go.\n[when ending is sleep]\nSleep.\n[end]\n[when 40s or longer]\nLong.\n[end]\n"
    script += "[when audience is pregnancy]\nYou two.\n[end]\n"
    options = ["--length", "2m", "--ending", "sleep", "--audience", "pregnancy", "--pace", "sleep"]
    text = run("-", "--to", "ssml", *options, given=script).stdout
    assert all(f"<s>{words}</s>" in text for words in ("Sleep.", "Long.", "You two."))
    assert '<meta name="pace" content="sleep"/>' in text
    assert "Sleep." not in run("-", "--to", "ssml", given=script).stdout


def test_the_command_tells_what_goes_wrong_and_what_it_left_out(run, tmp_path):
    (tmp_path / "a.ssml").write_text('<speak>\n<voice name="amy">Rest.</voice></speak>')
    result = run("a.ssml", "--to", "script")
    assert (result.exit_code, result.stderr) == (
        0,
        'a.ssml:2: note: <voice name="amy"> is not followed; the words inside it are kept.\n',
    )
    assert run("a.ssml", "--to", "ssml").exit_code == 2
    assert "--length" in run("a.ssml", "--to", "script", "--length", "2m").stderr
    assert run("a.ssml", "--to", "html").exit_code == 2
    (tmp_path / "b.ssml").write_text("<speak>\n<p>Rest.</speak>")
    result = run("b.ssml", "--to", "script", "-o", "b.md")
    assert result.exit_code == 1
    assert result.stderr.startswith("b.ssml:2:")
    assert not (tmp_path / "b.md").exists()
    (tmp_path / "c.ssml").write_bytes("<speak>é</speak>".encode("latin-1"))
    assert "not UTF-8" in run("c.ssml", "--to", "script").stderr


def test_the_page_tells_every_notation_and_every_strength():
    (to,) = (option for option in main.commands["convert"].params if option.name == "to")
    assert tuple(to.type.choices) == NOTATIONS
    page = (Path(__file__).parents[1] / "docs" / "convert.md").read_text()
    assert all(f"--to {name}" in page for name in NOTATIONS)
    assert all(f"| `{name}` | {ms} ms |" in page for name, ms in STRENGTHS_MS.items())
