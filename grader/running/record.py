"""What an autograded notebook keeps of its grading: one record in the notebook's metadata.

The run writes it; jobs, the class's table, reports and feedback pages read it.  A notebook comes
from outside, so a record that is forged, damaged or of an older version is read with care.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

METADATA = "beyond_sequential_grading"  # the key in the notebook's metadata
GRADED, PARTLY_GRADED = "graded", "partly graded"


@dataclass(frozen=True, slots=True)
class ExerciseRecord:
    """What is kept of one exercise: its outcome, its first finding in words, and the Verdict as
    JSON (empty where there is none).
    """

    exercise: str
    outcome: str = ""
    finding: str = ""
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class GradingRecord:
    """What is kept of one submission.

    `state` is `GRADED` or `PARTLY_GRADED`; `kernels` is the tier of the jail that they ran in;
    `reasons` say what went wrong and what else a teacher should know.
    """

    state: str = GRADED
    kernels: str = ""
    reasons: tuple[str, ...] = ()
    exercises: tuple[ExerciseRecord, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Return what goes into the notebook's metadata."""
        return {
            "state": self.state,
            "kernels": self.kernels,
            "reasons": list(self.reasons),
            "exercises": [asdict(exercise) for exercise in self.exercises],
        }

    @classmethod
    def from_json(cls, data: object) -> GradingRecord | None:
        """Return the record in JSON data; None if that is none.

        Parts that are none are left out.
        """
        if not isinstance(data, Mapping) or not isinstance(data.get("state"), str):
            return None
        exercises = (_exercise(entry) for entry in _list(data.get("exercises")))
        return cls(
            data["state"],
            _text(data.get("kernels")),
            tuple(reason for reason in _list(data.get("reasons")) if isinstance(reason, str)),
            tuple(exercise for exercise in exercises if exercise),
        )


def record_of(notebook: Mapping[str, object]) -> GradingRecord | None:
    """Return what an autograded notebook keeps; None if it was not graded here."""
    metadata = notebook.get("metadata")
    return GradingRecord.from_json(metadata.get(METADATA)) if isinstance(metadata, dict) else None


def record_in_file(path: Path) -> GradingRecord | None:
    """Return what an autograded notebook's file keeps; None if there is no such file."""
    return record_of(json.loads(path.read_text("utf-8"))) if path.is_file() else None


def write_record(record: GradingRecord, path: Path) -> None:
    """Put a record in the place of the one that an autograded notebook's file keeps."""
    notebook = json.loads(path.read_text("utf-8"))
    notebook["metadata"][METADATA] = record.to_json()
    text = json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True)
    path.write_text(f"{text}\n", encoding="utf-8")


def _exercise(entry: object) -> ExerciseRecord | None:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("exercise"), str):
        return None
    words = (_text(entry.get(key)) for key in ("outcome", "finding", "verdict"))
    return ExerciseRecord(entry["exercise"], *words)


def _list(data: object) -> list[object]:
    return data if isinstance(data, list) else []


def _text(data: object) -> str:
    return data if isinstance(data, str) else ""
