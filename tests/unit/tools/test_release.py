"""One version: metadata.txt, pyproject.toml, the changelog and the tag say the same; a release writes them together."""

from __future__ import annotations

import subprocess

import pytest

from tools import commit_subject, release

CHANGES = "# Changes\n\n## Unreleased\n\n- New.\n\n## 0.1.0\n\n- First.\n"


def git(root, *words):
    done = subprocess.run(
        [
            "git",
            "-C",
            str(root),
            "-c",
            "safe.directory=*",
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@example.org",
            *words,
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    for name in ("GIT_AUTHOR", "GIT_COMMITTER"):
        monkeypatch.setenv(f"{name}_NAME", "a")
        monkeypatch.setenv(f"{name}_EMAIL", "a@example.org")
    git(tmp_path, "init", "-q")
    (tmp_path / "metadata.txt").write_text("[general]\nname=x\nversion=0.1.0\n")
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nversion = "0.1.0"  # a comment\n[tool]\nx = "0.1.0"\n'
    )
    (tmp_path / "CHANGELOG.md").write_text(CHANGES)
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "first")
    return tmp_path


def test_the_versions_of_the_repository_agree():
    texts = {name: (release.ROOT / name).read_text(encoding="utf-8") for name in release.FILES}
    versions = {release.version_in(texts[name], lead) for name, lead in release.FILES.items()}
    versions.add(release.newest_change((release.ROOT / "CHANGELOG.md").read_text(encoding="utf-8")))
    assert len(versions) == 1
    tags = subprocess.run(
        ["git", "-C", str(release.ROOT), "tag", "--list", "v*"], capture_output=True, text=True, check=False
    ).stdout.split()
    assert not tags or max(tags, key=lambda t: [int(n) for n in t[1:].split(".")])[1:] in versions


def test_a_release_writes_every_place_and_the_tag(checkout):
    release.make("0.2.0", checkout, "2026-11-28")
    assert "version=0.2.0\n" in (checkout / "metadata.txt").read_text()
    project = (checkout / "pyproject.toml").read_text()
    assert 'version = "0.2.0"  # a comment' in project and 'x = "0.1.0"' in project
    changes = (checkout / "CHANGELOG.md").read_text()
    assert "## 0.2.0 (2026-11-28)" in changes and release.newest_change(changes) == "0.2.0"
    assert git(checkout, "tag") == "v0.2.0" and git(checkout, "status", "--porcelain") == ""


@pytest.mark.parametrize("version", ["0.1.0", "0.0.9", "1.0", "v0.2.0", "0.2.0rc1"])
def test_what_is_no_newer_version_is_refused_and_nothing_written(checkout, version):
    with pytest.raises(release.ReleaseError):
        release.make(version, checkout)
    assert git(checkout, "status", "--porcelain") == "" and git(checkout, "tag") == ""


def test_without_changes_there_is_no_release(checkout):
    (checkout / "CHANGELOG.md").write_text("# Changes\n\n## 0.1.0\n")
    with pytest.raises(release.ReleaseError, match="nothing to release"):
        release.make("0.2.0", checkout)


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        ("Read times with zones\n", ""),
        ("Read times with zones\n\nBecause they were dropped.\n# a comment of git's editor\n", ""),
        ("X" * 72, ""),
        ("X" * 73, "73 characters"),
        ("read times with zones", "capital"),
        ("fixup! Read times with zones", ""),
        ("Read times with zones.", "full stop"),
        ("", "empty"),
        ("# only comments\n", "empty"),
        ("Subject\nand on\n", "second line"),
    ],
)
def test_subjects_of_commits(message, problem):
    found = commit_subject.problem(message)
    assert (problem in found) if problem else found == ""
