"""What a result depends on, as digests: the same digest, the same result."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from grader.classes.job import Job
from grader.running.spool_execute import SpoolExecute
from grader.submissions import handed_in

if TYPE_CHECKING:
    from traitlets.config import Config


def course_digest(
    course: Path, assignment: str, asked: Mapping[str, list[str]], settings: Config
) -> str:
    """Return the digest of the cells released, the files beside them, the settings, the seed and
    the versions.
    """
    seed = Path(SpoolExecute(config=settings).seed_file)
    packages = [version(name) for name in ("beyond-sequential", "keras", "nbgrader")]
    words = json.dumps([asked, settings, packages], sort_keys=True, default=repr)
    digest = hashlib.sha256(words.replace(str(course), "").encode())
    digest.update((course / seed).read_bytes())
    source = course / "source" / assignment
    names = [path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()]
    _add_files(digest, source, [name for name in names if not name.endswith(".ipynb")])
    return digest.hexdigest()[:32]


def new_job(course: Path, assignment: str, student: str, release: str) -> Job:
    """Return the job of grading what a student handed in, under the digest of all of it."""
    submitted = course / "submitted" / student / assignment
    digest = hashlib.sha256(json.dumps([release, assignment, student]).encode())
    found = handed_in.content(submitted)
    _add_files(digest, submitted, found.files)
    digest.update(json.dumps(found.left_out).encode())
    made = digest.hexdigest()[:32]
    return Job(str(course), assignment, student, release, made, version("beyond-sequential"))


def _add_files(digest: hashlib._Hash, folder: Path, names: Iterable[str]) -> None:
    """Add files to a digest; a name may be no UTF-8, and a file too large to be read."""
    for name in sorted(names):
        try:
            body = handed_in.read_bytes(folder / name)
        except OSError as error:
            body = str(error).encode("utf-8", "replace")
        digest.update(os.fsencode(name) + f" {len(body)} ".encode() + body)
