"""What `make vulnerabilities` makes of the tools' reports. The tools themselves ask others, which no test may."""

from pathlib import Path
from typing import Any

import pytest

from deploy.audit import vulnerabilities

PIP = {
    "dependencies": [
        {"name": "orjson", "version": "3.13.0", "vulns": []},
        {"name": "old", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2"]}, {"id": "GHSA-2", "fix_versions": []}]},
        {"name": "odd", "skip_reason": "not found on PyPI"},
    ]
}  # fmt: skip
NPM: dict[str, Any] = {
    "vulnerabilities": {
        "bad": {"range": "<2", "severity": "high", "via": [{"url": "https://github.com/advisories/GHSA-3"}]},
        "user": {"range": "*", "severity": "high", "via": ["bad"]},
    }
}


def test_what_is_known_is_told_and_what_was_not_looked_up_too(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(vulnerabilities.of_pip(PIP)) == [
        "old 1: PYSEC-1, mended in 2", "old 1: GHSA-2, mended in no version yet", "odd: not looked up: not found on PyPI",
    ]  # fmt: skip
    assert list(vulnerabilities.of_npm(NPM)) == ["bad <2: high, GHSA-3", "user *: high, by what it needs"]
    assert list(vulnerabilities.of_npm({"message": "405 Method Not Allowed"})) == [
        "not looked up: 405 Method Not Allowed"
    ]
    assert list(vulnerabilities.of_npm({"vulnerabilities": {}})) == []

    monkeypatch.setattr(vulnerabilities, "EXPLAINED", {"PYSEC-1": "not called", "GHSA-2": "", "GHSA-3": ""})
    assert list(vulnerabilities.of_pip(PIP)) == ["odd: not looked up: not found on PyPI"]
    assert list(vulnerabilities.of_npm(NPM)) == ["user *: high, by what it needs"]


@pytest.mark.parametrize(("clean", "status"), [(True, 0), (False, 1)])
def test_it_asks_about_every_lock_and_fails_by_any(
    clean: bool, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[str] = []

    def answer(command: list[str], folder: Path) -> tuple[str, str]:
        asked.append(str(folder / command[2]) if "pip-audit" in command[0] else str(folder / "package-lock.json"))
        return ('{"dependencies": [], "vulnerabilities": {}}', "") if clean else ("", "first\nnobody answers\n")

    monkeypatch.setattr(vulnerabilities, "_run", answer)

    assert vulnerabilities.main() == status
    locks = {
        *vulnerabilities.ROOT.glob("requirements*.txt"),
        *vulnerabilities.ROOT.glob("*/requirements.txt"),
        vulnerabilities.ROOT / "package-lock.json",
    }
    assert {str(lock) for lock in locks} <= set(asked)
    told = capsys.readouterr().out
    assert ("nothing is known" in told) is clean
    assert clean or "requirements.txt: not looked up: nobody answers\n" in told
