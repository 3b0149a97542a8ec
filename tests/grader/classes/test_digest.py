"""What a result depends on."""

from __future__ import annotations

from pathlib import Path

from grader.classes import digest
from grader.course import course
from tests.helpers.mini_course import NAME, hand_in


def test_a_job_has_a_new_digest_for_whatever_it_depends_on(folder: Path) -> None:
    hand_in(folder, "ada", mini_one="# earns 1")
    hand_in(folder, "ben", mini_one="# earns 1")
    found = [digest.new_job(folder, NAME, "ada", "release-1.db")]
    assert digest.new_job(folder, NAME, "ada", "release-1.db") == found[0]
    found.append(digest.new_job(folder, NAME, "ada", "release-2.db"))
    found.append(digest.new_job(folder, NAME, "ben", "release-1.db"))
    (folder / "submitted" / "ada" / NAME / "own_module.py").write_text("x = 1")
    found.append(digest.new_job(folder, NAME, "ada", "release-1.db"))
    assert len({job.digest for job in found}) == 4


def test_the_course_has_a_new_digest_for_seed_settings_and_files(folder: Path) -> None:
    def now() -> str:
        return digest.course_digest(folder, NAME, {NAME: ["cell"]}, course.config(folder))

    found = [now()]
    assert now() == found[0]
    (folder / course.SEED).write_text("7\n")
    found.append(now())
    with (folder / course.CONFIG).open("a") as config:
        config.write("\nc.Execute.timeout = 61\n")
    found.append(now())
    (folder / "source" / NAME / "data.csv").write_text("1")
    found.append(now())
    assert len(set(found)) == 4
