"""A checked answer with its verdict in one file, so that somebody else can judge it again.

The file is an answer file (`answers/files.py`) with one more member, `verdict.json`:

    {"schema": 1, "versions": {...}, "verdict": {...}}

Paths are taken out of every text before it is written, so that no user's name is in it.
"""

from __future__ import annotations

import json
import os
import platform
import re
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .answers.answer import Answer, AnswerError, helper_version
from .answers.files import MAX_PLAIN, arrays_of, load, save
from .answers.format import answer_from_json, answer_to_json
from .backends import BACKENDS
from .course.sections import UnknownName, exercise
from .findings.verdict import Verdict, verdict_to_json
from .judge import judge
from .model.types import Json

SCHEMA = 1
MEMBER = "verdict.json"
_VERSIONS = ("python", "keras", "backend", "beyond-sequential", "platform")
# What a verdict has; the rest follows from these.
_FIELDS = ("outcome", "fraction", "findings", "pictures", "marks")

# In quotes a directory's name may have spaces; the name of the file at the end stays.
_START = r"(?:/|[~…][\\/]|\.{1,2}/|[A-Za-z]:[\\/]+|\\\\)"
_QUOTED = re.compile(rf"""(?P<quote>['"]){_START}[^'"\n]*?[\\/]+(?P<last>[^'"\\/\n]*)(?P=quote)""")
_WHOLE = re.compile(rf"""{_START}[^\s'"][^'"\n]*?[\\/]+(?P<last>[^'"\\/\n]*)""")
_BARE = re.compile(
    r"""(?<![\w.:/\\~…])(?:/|[~…][\\/]|[A-Za-z]:[\\/]+|\\\\)(?:[^\\/\s'",:;()<>]+[\\/]+)+"""
    r"""(?P<last>[^\\/\s'",:;()<>]*)"""
)


@dataclass(frozen=True, slots=True)
class WrongVerdict:
    """What a file holds: an answer, the verdict on it as JSON, and the versions that it met."""

    answer: Answer
    verdict: Mapping[str, Json]
    versions: Mapping[str, str]


# --- writing --------------------------------------------------------------------------------------


def write_wrong_verdict(answer: Answer, verdict: Verdict, folder: Path) -> Path:
    """Write `wrong-verdict-<exercise>.zip` into a folder and return its path.

    A file of that name is replaced.  Raises OSError where the folder can't be written to.
    """
    path = folder / f"wrong-verdict-{answer.exercise}.zip"
    temporary = path.with_suffix(".part")
    cleaned = without_paths(answer_to_json(answer))
    save(answer_from_json(cleaned, dict(arrays_of(answer))), temporary)
    data = {
        "schema": SCHEMA,
        "versions": versions_in_use(),
        "verdict": without_paths(_plain(verdict)),
    }
    with zipfile.ZipFile(temporary, "a") as file:
        file.writestr(MEMBER, json.dumps(data, sort_keys=True), zipfile.ZIP_DEFLATED)
    os.replace(temporary, path)
    return path


def versions_in_use() -> dict[str, str]:
    """Return the versions that a verdict can depend on, and the kind of machine."""
    import keras

    name = str(keras.backend.backend())
    version = BACKENDS[name].version() if name in BACKENDS else None
    return {
        "python": platform.python_version(),
        "keras": str(keras.__version__),
        "backend": f"{name} {version or ''}".rstrip(),
        "beyond-sequential": helper_version(),
        "platform": sys.platform,
    }


def without_paths(data: Json) -> Json:
    """Return JSON data in which every text has lost the directories of its absolute paths."""
    if isinstance(data, str):
        return text_without_paths(data)
    if isinstance(data, Mapping):
        return {text_without_paths(key): without_paths(item) for key, item in data.items()}
    return [without_paths(item) for item in data] if isinstance(data, list) else data


def text_without_paths(text: str) -> str:
    """Return a text in which `…/x.csv` stands for the absolute path of a file `x.csv`."""
    for folder in _private_folders():
        text = text.replace(folder, "…")
    if found := _WHOLE.fullmatch(text):
        return f"…/{found['last']}"
    text = _QUOTED.sub(lambda found: f"{found['quote']}…/{found['last']}{found['quote']}", text)
    return _BARE.sub(lambda found: f"…/{found['last']}", text)


def _private_folders() -> list[str]:
    """Return the working, home, temporary and Python directories, the longest first.

    They are replaced wherever they stand, also where their names have spaces and no quotes are
    around them.
    """
    folders = {Path.cwd(), Path(tempfile.gettempdir()), Path(sys.prefix)}
    try:
        folders.add(Path.home())
    except RuntimeError:  # a user without a home directory
        pass
    spelled = {str(folder) for folder in folders if len(folder.parts) > 1}
    # In the text of an exception a backslash may be written twice.
    spelled |= {folder.replace("\\", "\\\\") for folder in spelled}
    return sorted(spelled, key=len, reverse=True)


# --- reading --------------------------------------------------------------------------------------


def read_wrong_verdict(path: Path) -> WrongVerdict:
    """Read a file that somebody else may have made.

    Raises AnswerError for whatever `write_wrong_verdict` does not write.
    """
    answer = load(path)
    try:
        known = exercise(answer.exercise)
    except UnknownName as error:
        raise AnswerError(f"no exercise {answer.exercise!r} in this version") from error
    answer = load(path, known)
    try:
        with zipfile.ZipFile(path) as file:
            if file.getinfo(MEMBER).file_size > MAX_PLAIN:
                raise AnswerError(f"{MEMBER} is larger than {MAX_PLAIN >> 20} MiB")
            data = json.loads(file.read(MEMBER))
        if data["schema"] != SCHEMA:
            raise AnswerError(f"{MEMBER} has another schema than {SCHEMA}")
        verdict = dict(data["verdict"])
        versions = {name: str(data["versions"][name])[:100] for name in _VERSIONS}
    except AnswerError:
        raise
    except Exception as error:
        raise AnswerError(f"no {MEMBER} that can be read: {type(error).__name__}") from error
    return WrongVerdict(answer, verdict, versions)


def judge_again(case: WrongVerdict) -> tuple[Verdict, list[str]]:
    """Return the verdict of this version, and the fields in which the one in the file differs.

    That another version made the answer is no difference.
    """
    verdict = judge(exercise(case.answer.exercise), case.answer)
    again = without_paths(_plain(verdict))
    assert isinstance(again, dict)
    differing = [
        name for name in _FIELDS if _compared(again, name) != _compared(case.verdict, name)
    ]
    return verdict, differing


def _compared(verdict: Mapping[str, Json], name: str) -> Json:
    value = verdict.get(name)
    if name != "findings" or not isinstance(value, list):
        return value
    return [row for row in value if not isinstance(row, dict) or row.get("code") != "version"]


def _plain(verdict: Verdict) -> Json:
    """Return a verdict as it is once it was written and read: tuples are lists."""
    plain: Json = json.loads(json.dumps(verdict_to_json(verdict)))
    return plain


# --- words ----------------------------------------------------------------------------------------


def comparison(case: WrongVerdict) -> tuple[str, bool]:
    """Return in words how a file's verdict and that of this version compare, and if they agree.

    What the file holds is printed without control characters.
    """
    verdict, differing = judge_again(case)
    where = ", ".join(f"{name} {version}" for name, version in case.versions.items())
    now = ", ".join(f"{name} {version}" for name, version in versions_in_use().items())
    again = verdict_to_json(verdict)
    lines = [
        f"exercise: {case.answer.exercise}",
        f"in the file: {_in_short(case.verdict)} ({_printable(where)})",
        f"judged again: {_in_short(again)} ({now})",
        "reproduced: the verdict is the same"
        if not differing
        else f"not reproduced: other {', '.join(differing)}",
    ]
    return "\n".join(lines), not differing


def _in_short(verdict: Mapping[str, Json]) -> str:
    """Return outcome, fraction and the codes of the findings, from whatever a file holds."""
    findings = _compared(verdict, "findings")
    rows = findings if isinstance(findings, list) else []
    codes = [str(row.get("code")) for row in rows if isinstance(row, dict)]
    short = f"{verdict.get('outcome')}, {verdict.get('fraction')}"
    return _printable("; ".join([short, *codes]))[:300]


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)
