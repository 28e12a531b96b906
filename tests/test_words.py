import pytest

from narration.words import cardinal, ordinal


@pytest.mark.parametrize(
    ("number", "words", "order"),
    [
        (1, "one", "first"),
        (3, "three", "third"),
        (5, "five", "fifth"),
        (8, "eight", "eighth"),
        (12, "twelve", "twelfth"),
        (20, "twenty", "twentieth"),
        (21, "twenty-one", "twenty-first"),
        (90, "ninety", "ninetieth"),
        (100, "one hundred", "one hundredth"),
        (342, "three hundred and forty-two", "three hundred and forty-second"),
    ],
)
def test_numbers_in_words(number, words, order):
    assert (cardinal(number), ordinal(number)) == (words, order)


def test_every_number_has_its_own_words():
    assert len({cardinal(n) for n in range(1000)}) == len({ordinal(n) for n in range(1000)}) == 1000
