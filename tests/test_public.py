import narration
from narration.errors import ScriptError


NOTED = ["missing_disclaimer", "missing_driving_warning", "missing_slow_return"]


def test_the_verbs_work_again_and_again(tmp_path):
    script = tmp_path / "a.md"
    script.write_text("---\nbackground: off\nlead: 1s\ntail: 1s\n---\nRest. [2-9s] Let go.")
    for _ in range(2):
        assert narration.parse(script).background == "off"
        assert [one.rule for one in narration.check(script)] == NOTED
        assert narration.plan(script, length=None).words == 3
        assert narration.render(script, tmp_path / "a.flac", voice="tone").plan.words == 3
    assert issubclass(ScriptError, narration.errors.NarrationError)
