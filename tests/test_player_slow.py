"""The player in a real Chromium: what a listener does, heard and seen from outside; the page has no hooks for tests.

Time runs out sooner by a clock of the test's own, put under the page before it loads.
"""

import json
import math
import os
import re
import shutil
from itertools import pairwise

import pytest

import narration
from narration.library import make

from .serving import serving

sync_api = pytest.importorskip("playwright.sync_api", reason="needs pip install '.[browser]'")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs pip install '.[browser]'")
CHROMIUM = os.environ.get("NARRATION_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not CHROMIUM, reason="needs Chromium: .ci/browser installs it")]

HOSTILE = '</script><img src=x onerror="document.title=1"> & "quoted"'
SCRIPT = """---
title: {title}
background: brown
ending: sleep
lead: 2s
tail: 20s
description: For a test. It has two chapters.
notes: |
  Not medical advice.
---
# First

Rest your hands on the blanket, and let them grow as heavy as they like. [6s]
Let the arms go. [12s]

# Second

Now the shoulders, a little lower than before. [3s]
And rest.
"""
CLOCK = """
(() => {
  const real = Date.now.bind(Date);
  const clock = (window.clock = { at: real(), from: real(), rate: 1 });
  Date.now = () => clock.at + (real() - clock.from) * clock.rate;
  clock.run = (rate, skip = 0) => { clock.at = Date.now() + skip; clock.from = real(); clock.rate = rate; };
  const Element = window.Audio;
  window.sounds = [];
  window.Audio = function () { const one = new Element(); window.sounds.push(one); return one; };
  window.locks = [];
  const request = navigator.wakeLock?.request.bind(navigator.wakeLock);
  if (request) navigator.wakeLock.request = async () => {
    const lock = await request("screen");
    window.locks.push(lock);
    return lock;
  };
})();
"""
RECORD = """([rate, seconds]) => new Promise((done) => {
  clock.run(rate);
  const audio = document.getElementById("audio"), seen = [];
  const watch = setInterval(() => {
    const cues = audio.textTracks[0]?.activeCues?.length ?? 0;
    seen.push([Date.now() / 1000, audio.volume, audio.paused, cues, audio.currentTime]);
    if (seen.length >= seconds * 20 || audio.paused) { clearInterval(watch); done(seen); }
  }, 50);
})"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("library")
    os.environ["NARRATION_CACHE"] = str(folder / ".cache")
    for name, title in (("night", "Night"), ("strange", HOSTILE)):
        script = folder / f"{name}.md"
        script.write_text(SCRIPT.format(title=json.dumps(title)))
        narration.render(script, folder / f"{name}.mp3", voice="tone")
    make(folder, "Evenings", "https://example.org/rest/")
    return folder


@pytest.fixture(scope="module")
def address(folder):
    with serving(folder) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    sandbox = [] if hasattr(os, "geteuid") and os.geteuid() else ["--no-sandbox"]  # Chromium's refuses the superuser
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=sandbox)
        yield browser
        browser.close()


@pytest.fixture
def opened(browser, address):
    """Makes pages on a phone; none may ask elsewhere, say anything on the console, or fail."""
    contexts, wrong, asked = [], [], []

    def new(start=address, **options):
        context = browser.new_context(viewport={"width": 390, "height": 844}, **{"color_scheme": "dark"} | options)
        contexts.append(context)
        context.add_init_script(CLOCK)
        page = context.new_page()
        page.set_default_timeout(60_000)  # a busy machine keeps a track slowly
        page.on("console", lambda message: wrong.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        context.on("request", lambda request: asked.append(request.url))
        page.goto(start)
        return page

    new.wrong = wrong
    yield new
    for context in contexts:
        context.close()
    assert wrong == []
    assert asked
    assert [url for url in asked if not url.startswith("http://127.0.0.1:")] == []


@pytest.fixture
def night(opened):
    page = opened()
    page.get_by_role("link", name="Night").click()
    until(page, "document.getElementById('audio').readyState > 0")
    return page


def until(page, expression, arg=None):
    """Waits for what the page shows; Playwright's own way needs eval, which the page's policy forbids."""
    for _ in range(200):
        if page.evaluate(expression, arg):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never: {expression}")


def at(page):
    return page.evaluate("document.getElementById('audio').currentTime")


def go(page, seconds):
    page.evaluate("(at) => { document.getElementById('audio').currentTime = at; }", seconds)


def play(page):
    page.get_by_role("button", name="Play", exact=True).click()
    until(page, "(was) => document.getElementById('audio').currentTime > was + 0.2", arg=at(page))


def cues(folder, name="night"):
    found = re.findall(r"([\d:.]+) --> ([\d:.]+)\n(.+?)(?:\n\n|\Z)", (folder / f"{name}.vtt").read_text(), re.DOTALL)
    return [(*(_seconds(stamp) for stamp in times), " ".join(words.split())) for *times, words in found]


def _seconds(stamp):
    hours, minutes, seconds = stamp.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def test_it_plays_and_the_captions_follow(night, folder):
    play(night)
    start, end, words = cues(folder)[0]
    go(night, start + 0.2)
    until(night, "(words) => document.getElementById('caption').textContent === words", arg=words)
    assert start - 0.3 <= at(night) <= end + 0.3
    night.evaluate("document.getElementById('audio').playbackRate = 2")
    until(night, "document.getElementById('audio').playbackRate === 1")
    night.get_by_role("button", name="Pause", exact=True).click()
    was = at(night)
    night.wait_for_timeout(300)
    assert at(night) == was
    night.get_by_label("Show what is said").uncheck()
    assert not night.locator("#caption").is_visible()


def test_it_seeks_and_jumps_to_chapters(night, folder):
    report = json.loads((folder / "night.json").read_text())
    second = report["chapters"][1]["start"]
    night.locator("#chapters-box summary").click()
    night.locator("#chapters button").nth(1).click()
    until(night, "(start) => document.getElementById('audio').currentTime > start", arg=second)
    assert second <= at(night) < second + 2
    assert night.locator("#chapters [aria-current]").inner_text().startswith("Second")
    night.get_by_role("button", name="15 seconds back").click()
    assert second - 15.1 <= at(night) < second - 12
    slider = night.get_by_role("slider", name="Place in the session")
    slider.focus()
    night.keyboard.press("PageDown")
    assert at(night) < 2
    night.keyboard.press("ArrowRight")
    assert 5 <= at(night) < 8
    assert re.fullmatch(r"\d+ seconds of \d+ (seconds|minutes? \d+ seconds?)", slider.get_attribute("aria-valuetext"))
    box = slider.bounding_box()
    night.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert abs(at(night) - report["seconds"] / 2) < 2


def test_the_timer_lets_a_sentence_end_and_fades_over_a_minute(night, folder):
    play(night)
    start, end, _ = cues(folder)[0]
    go(night, start + 0.3)
    night.select_option("#timer", "10")
    assert night.locator("#timer-left").inner_text() == "10 min left"
    until(night, "document.getElementById('audio').textTracks[0].activeCues.length === 1")
    night.evaluate("clock.run(1, 600e3)")
    until(night, "document.getElementById('timer-left').textContent === 'fading out'")
    began = at(night)
    assert began >= end - 0.1
    seen = night.evaluate(RECORD, [10, 15])
    volumes = [volume for _, volume, *_ in seen]
    assert volumes[0] > 0.9
    assert min(volumes[:-1]) < 0.02
    assert all(after <= before for before, after in pairwise(volumes[:-1]))
    assert 50 < seen[-2][0] - seen[0][0] <= 70
    middle = min(seen, key=lambda one: abs(one[1] - 0.5))
    assert 20 < middle[0] - seen[0][0] < 36  # half the volume after half a minute: a squared cosine
    until(night, "document.getElementById('timer').value === 'off'")
    after = night.evaluate("(() => { const a = document.getElementById('audio'); return [a.paused, a.volume]; })()")
    assert after == [True, 1]
    assert abs(at(night) - began) < 1.5  # nothing is missed the next time
    assert night.get_by_role("status").inner_text() == "The sleep timer has ended it."


def test_a_touch_in_the_fade_brings_the_sound_back(night):
    play(night)
    night.select_option("#timer", "10")
    night.evaluate("clock.run(1, 600e3)")
    until(night, "document.getElementById('timer-left').textContent === 'fading out'")
    night.evaluate("clock.run(1, 30e3)")
    until(night, "document.getElementById('audio').volume < 0.6")
    night.get_by_role("button", name="15 seconds back").click()
    until(night, "document.getElementById('audio').volume === 1")
    assert night.evaluate("document.getElementById('timer').value") == "off"


def test_the_timer_ends_with_the_chapter(night, folder):
    second = json.loads((folder / "night.json").read_text())["chapters"][1]["start"]
    last = max(end for start, end, _ in cues(folder) if start < second - 0.05)
    play(night)
    night.select_option("#timer", "chapter")
    go(night, last - 1.5)
    until(night, "document.getElementById('timer-left').textContent === 'fading out'")
    assert last - 0.3 < at(night) < last + 1
    seen = night.evaluate(RECORD, [10, 8])
    assert seen[-1][2]
    assert max(now for *_, now in seen) < second


def test_it_continues_where_it_was(night):
    play(night)
    go(night, 17)
    until(night, "document.getElementById('audio').currentTime > 17.2")
    night.reload()
    until(night, "document.getElementById('audio').readyState > 0")
    assert 16.9 < at(night) < 19
    assert night.get_by_role("status").inner_text() == "Continues at 0:17."
    night.get_by_role("link", name="All sessions").click()
    night.reload()
    night.get_by_role("link", name="Continue Night at 0:17").click()
    night.get_by_role("button", name="From the beginning").click()
    until(night, "document.getElementById('audio').currentTime < 3")


def test_the_sound_stays_after_the_voice(night, folder):
    report = json.loads((folder / "night.json").read_text())
    tail = report["spans"][-1]["start"]
    night.select_option("#stay", "8")
    play(night)
    playing = "() => sounds.filter((one) => !one.paused && one.src)"
    assert night.evaluate(f"({playing})().length") == 0
    go(night, tail + 9)
    until(night, "sounds.some((one) => !one.paused && one.currentTime > 0.3)")
    share, gone = night.evaluate(
        "(tail) => { const a = document.getElementById('audio');"
        f"return [({playing})()[0].volume, (a.currentTime - tail) / (a.duration - tail)]; }}",
        tail,
    )
    assert share == pytest.approx(math.sin(math.pi / 2 * gone), abs=0.05)
    go(night, report["seconds"] - 0.5)
    until(night, "document.getElementById('audio').ended")
    assert night.get_by_role("button", name="Pause", exact=True).is_visible()
    night.evaluate(f"({playing})()[0].currentTime = 234.5")  # near the next start
    until(night, "sounds.filter((one) => !one.paused && one.volume === 1).length === 2")
    ages = night.evaluate("sounds.filter((one) => !one.paused).map((one) => one.currentTime).sort((a, b) => a - b)")
    assert ages[1] - ages[0] == pytest.approx(235.2, abs=0.35)
    assert re.fullmatch(r"Brown noise: (7 h 59|8 h 0) min left", night.locator("#stay-sound").inner_text())
    night.get_by_role("button", name="Pause", exact=True).click()
    assert night.evaluate(f"({playing})().length") == 0
    play_again = night.get_by_role("button", name="Play", exact=True)
    play_again.click()
    until(night, f"({playing})().length === 2")
    night.evaluate("clock.run(40, 8 * 3600e3)")
    until(night, f"({playing})().length === 0")
    assert play_again.is_visible()


def test_what_is_kept_plays_without_a_network(browser, opened, folder):
    with serving(folder) as address:
        page = opened(address)
        page.get_by_role("link", name="Night").click()
        until(page, "navigator.serviceWorker.controller !== null")
        page.get_by_role("button", name="Keep offline").click()
        page.get_by_text("Kept on this device.").wait_for()
    page.goto(address)  # nobody answers any more
    assert page.get_by_role("link", name=re.compile("Night.*kept here")).is_visible()
    page.locator("a.session", has_text="Night").click()
    play(page)
    go(page, 30)
    until(page, "document.getElementById('audio').currentTime > 30.2")
    until(
        page,
        "document.getElementById('caption').textContent || document.getElementById('audio').textTracks[0].cues.length",
    )
    answered = page.evaluate(
        """async () => {
          const ask = async (range) => {
            const answer = await fetch(document.getElementById("audio").src, { headers: { Range: range } });
            return [answer.status, answer.headers.get("Content-Range"), (await answer.arrayBuffer()).byteLength];
          };
          return [await ask("bytes=100-199"), await ask("bytes=-5")];
        }"""
    )
    size = (folder / "night.mp3").stat().st_size
    assert answered == [[206, f"bytes 100-199/{size}", 100], [206, f"bytes {size - 5}-{size - 1}/{size}", 5]]
    page.get_by_role("button", name="Remove").click()
    page.get_by_text("Removed from this device.").wait_for()
    page.get_by_role("link", name="All sessions").click()
    page.reload()
    page.locator("a.session", has_text="Night").click()
    page.get_by_text("This session is not kept on this device").wait_for()
    opened.wrong[:] = [one for one in opened.wrong if "Failed to load resource" not in one]  # the browser's own remark


def test_everything_can_be_done_by_keyboard(opened):
    page = opened()

    def tab_to(selector):
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
                ring = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                assert ring == "solid", selector
                return
        raise AssertionError(selector)

    tab_to("a.session")
    page.keyboard.press("Enter")
    until(page, "document.activeElement.id === 'session-title'")
    tab_to("#play")
    page.keyboard.press("Space")
    until(page, "document.getElementById('audio').currentTime > 0.3")
    tab_to("#timer")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.getElementById('timer').value") == "chapter"
    tab_to("#stay")
    tab_to("#dim")
    page.keyboard.press("Enter")
    assert page.evaluate("document.getElementById('dark').open")
    page.keyboard.press("Escape")
    until(page, "!document.getElementById('dark').open")
    tab_to("#keep")
    tab_to("#chapters-box summary")
    page.keyboard.press("Enter")
    tab_to("#chapters button")
    page.keyboard.press("Enter")
    until(page, "document.querySelector('#chapters button').getAttribute('aria-current') === 'true'")
    page.go_back()
    until(page, "document.activeElement.matches('a.session')")  # back where one was
    assert page.get_by_role("complementary", name="Now playing").is_visible()


def test_the_dark_screen_is_black_and_kept_on_only_meanwhile(night):
    assert night.evaluate("locks.length") == 0
    night.get_by_role("button", name="Dark screen").click()
    until(night, "locks.length === 1 && !locks[0].released")
    until(night, "document.getElementById('wake').classList.contains('quiet')")
    night.wait_for_timeout(300)
    pixels = night.screenshot()
    from io import BytesIO

    from PIL import Image

    assert Image.open(BytesIO(pixels)).convert("L").getextrema() == (0, 0)
    night.mouse.click(100, 100)
    until(night, "locks[0].released && !document.getElementById('dark').open")


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_axe_finds_nothing(opened, scheme):
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    page = opened(color_scheme=scheme)
    for step in ("list", "session", "dark"):
        if step == "session":
            page.get_by_role("link", name="Night").click()
            page.locator("#chapters-box summary").click()
            page.get_by_text("About this session").click()
            page.select_option("#timer", "20")
        if step == "dark":
            page.get_by_role("button", name="Dark screen").click()
        found = axe.Axe().run(page, options=rules)
        assert found.violations_count == 0, f"{step}: {found.generate_report()}"


def test_every_target_is_large_enough_for_a_thumb(night):
    night.locator("#chapters-box summary").click()
    night.get_by_text("About this session").click()
    small = """() => [...document.querySelectorAll("a, button, select, summary, input, label")]
      .map((one) => (one.matches("input[type=checkbox], input[type=radio]") ? one.closest("label") : one))
      .filter((one) => one.checkVisibility() && !one.matches("label[for]"))
      .map((one) => [one.outerHTML.slice(0, 60), one.getBoundingClientRect()])
      .filter(([, box]) => box.height < 43.9 || box.width < 43.9).map(([words]) => words)"""
    assert night.evaluate(small) == []
    night.get_by_role("link", name="All sessions").click()
    assert night.evaluate(small) == []
    assert night.evaluate("document.documentElement.scrollWidth") <= 390


def test_nothing_moves(night):
    moving = """() => [...document.body.querySelectorAll(":not(track)")]
      .map((one) => [one.outerHTML, getComputedStyle(one)])
      .filter(([, style]) => style.transitionDuration !== "0s" || style.animationName !== "none")
      .map(([words, style]) => [words, style.transitionDuration, style.animationName])"""
    assert night.evaluate(moving) == []


def test_a_strange_title_is_only_words(opened):
    page = opened()
    page.get_by_text(HOSTILE).click()
    until(page, "(title) => document.title === title", arg=f"{HOSTILE} – Evenings")
    assert page.locator("#session-title").inner_text() == HOSTILE
    assert page.locator("main img").count() == 3


def test_the_first_load_is_small_and_it_can_be_installed(opened, address, browser):
    page = opened("about:blank")
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    bytes_loaded = []
    session.on("Network.loadingFinished", lambda done: bytes_loaded.append(done["encodedDataLength"]))
    page.goto(address)
    page.wait_for_load_state("networkidle")
    assert len(bytes_loaded) > 10
    assert sum(bytes_loaded) < 100_000
    assert session.send("Page.getInstallabilityErrors")["installabilityErrors"] in (
        [],
        [{"errorId": "in-incognito", "errorArguments": []}],  # a test's context is one
    )


def test_the_lock_screen_is_told(night):
    play(night)
    told = night.evaluate("[navigator.mediaSession.metadata.title, navigator.mediaSession.playbackState]")
    assert told == ["Night", "playing"]


def test_it_is_a_list_of_sound_files_without_scripts(opened):
    page = opened(java_script_enabled=False)
    assert page.get_by_role("link", name="Night").get_attribute("href") == "night.mp3"
