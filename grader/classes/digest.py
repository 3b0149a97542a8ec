"""What a result depends on, as digests: the same digest, the same result."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from grader.classes.job import Job
from grader.running.spool_execute import SpoolExecute

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
    _add_files(digest, source, [path for path in source.rglob("*") if path.suffix != ".ipynb"])
    return digest.hexdigest()[:32]


def new_job(course: Path, assignment: str, student: str, release: str) -> Job:
    """Return the job of grading what a student handed in, under the digest of all of it."""
    submitted = course / "submitted" / student / assignment
    digest = hashlib.sha256(json.dumps([release, assignment, student]).encode())
    _add_files(digest, submitted, submitted.rglob("*"))
    made = digest.hexdigest()[:32]
    return Job(str(course), assignment, student, release, made, version("beyond-sequential"))


def _add_files(digest: hashlib._Hash, folder: Path, paths: Iterable[Path]) -> None:
    for path in sorted(paths):
        if path.is_file() and ".ipynb_checkpoints" not in path.parts:
            body = path.read_bytes()
            digest.update(f"{path.relative_to(folder)} {len(body)} ".encode() + body)
