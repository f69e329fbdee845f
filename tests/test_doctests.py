"""The examples in docstrings hold."""

import doctest
import pkgutil
from importlib import import_module

import pytest

import deploy
import services

MODULES = [
    module.name
    for package in (services, deploy)
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    if not module.name.startswith("services.db.migrations")  # run by Alembic, which gives them their context
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_hold(name: str) -> None:
    assert doctest.testmod(import_module(name)).failed == 0


def test_there_are_examples_at_all() -> None:
    finder = doctest.DocTestFinder(exclude_empty=True)
    examples = [test.name for name in MODULES for test in finder.find(import_module(name)) if test.examples]

    assert {"services.health.score", "services.renewals.window", "services.ids.split", "deploy.cost.charge"} <= set(
        examples
    )
