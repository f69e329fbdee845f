"""The closed lists: their values are their names, and each says what it means."""

import pytest

from services.vocabulary import Trend, Word

LISTS = Word.__subclasses__()


@pytest.mark.parametrize("kind", LISTS, ids=lambda kind: kind.__name__)
def test_a_value_is_its_name_and_says_what_it_means(kind: type[Word]) -> None:
    assert {word.name: str(word) for word in kind} == {name: name for name in kind.__members__}
    assert [word for word in kind if not word.description.endswith(".")] == []
    assert kind.__doc__
    assert kind.__doc__ != Word.__doc__


def test_a_word_is_found_by_its_value_and_compares_with_text() -> None:
    assert Trend("UP") is Trend.UP
    assert Trend.UP == "UP"
    assert f"{Trend.UP}" == "UP"
