import pytest

from .fuzz import run


def test_random_edits_give_a_plan_or_problems():
    ends = run(200, seed=7)
    assert sum(ends.values()) == 200
    assert ends["plan"]
    assert ends["problems"]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_many_random_edits_give_a_plan_or_problems(seed):
    ends = run(3000, seed)
    assert "silence" not in ends
    assert ends["plan"] > 100
