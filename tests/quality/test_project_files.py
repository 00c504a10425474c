"""What a newcomer reads and runs is checked: README, CI script, locks, and no traces of a machine."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def _commands(readme: str) -> list[str]:
    return [
        line.strip()
        for block in re.findall(r"```(?:sh|console)\n(.*?)```", readme, re.DOTALL)
        for line in block.splitlines()
        if line.strip() and not line.startswith("#")
    ]


def test_ci_runs_exactly_the_readme_test_command() -> None:
    """What passes for a newcomer and what passes in CI is one command."""
    tests = [line for line in _commands((ROOT / "README.md").read_text()) if "-m pytest" in line]
    assert tests, "the README names no test command"
    assert tests[0] in (ROOT / ".ci/run").read_text().splitlines()


def test_locks_have_hashes_and_no_addresses() -> None:
    """Every locked package has hashes; nothing says where it comes from."""
    for name in ("requirements.txt", "requirements-test.txt"):
        text = (ROOT / "deploy" / name).read_text()
        packages = re.findall(r"^[a-z][\w.-]*==.*?(?=^[a-z]|\Z)", text, re.MULTILINE | re.DOTALL)
        assert len(packages) > 20
        assert all("--hash=sha256:" in package for package in packages)
        assert "://" not in text
        assert not re.search("^-", text, re.MULTILINE), "an option for the installer"


def test_test_lock_contains_the_deployment_lock() -> None:
    """What is tested is what is deployed: the same versions."""
    pins = re.compile(r"^([a-z][\w.-]*==\S+)", re.MULTILINE)
    deployed = set(pins.findall((ROOT / "deploy/requirements.txt").read_text()))
    tested = set(pins.findall((ROOT / "deploy/requirements-test.txt").read_text()))
    assert deployed <= tested


def test_every_direct_dependency_is_locked_and_explained() -> None:
    """Each dependency of pyproject.toml is in the lock and defended in the README."""
    project = (ROOT / "pyproject.toml").read_text()
    block = re.search(r"^dependencies = \[(.*?)^\]", project, re.MULTILINE | re.DOTALL)
    assert block
    names = re.findall(r'"([a-z0-9-]+)', block.group(1))
    assert len(names) >= 10
    lock = (ROOT / "deploy/requirements.txt").read_text()
    readme = (ROOT / "README.md").read_text()
    for name in names:
        assert re.search(rf"^{name}==", lock, re.MULTILINE), f"{name} is not locked"
        assert name in readme, f"{name} is not explained in the README"


def test_no_traces_of_a_machine() -> None:
    """Tracked files name no home folder, work folder or package index."""
    found = subprocess.run(
        [
            "git",
            "grep",
            "-nIE",
            r"(/wor[k]/|/roo[t]/|/hom[e]/[a-z]|index-ur[l] |[p]ypi\.org/simple)",
            "--",
            ".",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.stdout == ""


def test_no_text_is_defined_twice() -> None:
    """The later one would silently take the place of the earlier, and lack what that one is filled with."""
    names = re.findall(r"^([A-Z][A-Z_0-9]*)\b[^=\n]*=", (ROOT / "bot/texts.py").read_text(), re.MULTILINE)
    assert len(names) > 100
    assert sorted(names) == sorted(set(names))
