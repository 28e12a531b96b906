import narration
from narration.errors import ScriptError


def test_the_verbs_work_again_and_again(tmp_path):
    script = tmp_path / "a.md"
    notes = "For relaxation only, not medical advice. Do not listen while driving. Stand up slowly."
    script.write_text(f"---\nbackground: off\nlead: 1s\ntail: 1s\nnotes: {notes}\n---\nRest. [2-9s] Let go.")
    for _ in range(2):
        assert narration.parse(script).background == "off"
        assert narration.check(script) == []
        assert narration.plan(script, length=None).words == 3
        assert narration.render(script, tmp_path / "a.flac", voice="tone").plan.words == 3
    assert issubclass(ScriptError, narration.errors.NarrationError)
