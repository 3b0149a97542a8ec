"""Is the judge right?  Random models, respelled and mutated, against an oracle of their own.

    python benchmarks/accuracy.py N [--seed 0] [--json] [--jobs 2] [--keras 0.1] [--cases FOLDER]
                                  [--keep FOLDER]

N recipes are tried by the fuzzer (`tests/fuzzer`); a share of them, a tenth, also as real
Keras models and capture.  The exit status is 1 if a bar is missed:

- no respelling is rejected, no mutant accepted, nothing ends in an exception
- the first finding on a mutant names place and kind in 95 of 100
- there is exactly one finding in 90 of 100

Mutants that the oracle finds equal are counted by themselves.  Every wrong verdict is saved
as a small case in FOLDER, and of each mutation the first few findings that are not true.  With
`--keep` a run that was broken off goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.fuzzer.recipe import Recipe
from tests.fuzzer.run import Trial, recipe_of, small_case, trials_of

NAMED = 0.95
ALONE = 0.90
FEW = 3  # untrue findings saved of each mutation by each process
CHUNK = 25


@dataclass
class Row:
    """Mutants of one kind that the oracle finds different: how many, how many were accepted, and of
    how many the first finding names the place, the kind, both, and is alone.
    """

    tried: int = 0
    accepted: int = 0
    place: int = 0
    kind: int = 0
    named: int = 0
    alone: int = 0


@dataclass
class Tally:
    """The results so far."""

    recipes: int = 0
    keras: int = 0
    respelled: int = 0
    rejected: int = 0
    equal: int = 0
    undecided: int = 0
    broken: list[str] = field(default_factory=list)
    rows: dict[str, Row] = field(default_factory=dict)
    cases: list[dict[str, Any]] = field(default_factory=list)
    cpu: float = 0.0

    @property
    def total(self) -> Row:
        return Row(**{k: sum(getattr(r, k) for r in self.rows.values()) for k in asdict(Row())})


def count(tally: Tally, trial: Trial) -> None:
    if not trial.mutation:
        tally.respelled += 1
        tally.rejected += trial.outcome != "right"
    elif trial.outcome == "equal":
        tally.equal += 1
    elif trial.outcome == "undecided":
        tally.undecided += 1
    else:
        row = tally.rows.setdefault(trial.mutation, Row())
        row.tried += 1
        row.accepted += trial.outcome == "accepted"
        row.place += trial.place
        row.kind += trial.kind
        row.named += trial.place and trial.kind
        row.alone += trial.alone


def is_wrong(trial: Trial) -> bool:
    return trial.outcome in ("rejected", "accepted", "error")


def is_true(trial: Trial) -> bool:
    return not trial.mutation or (trial.place and trial.kind and trial.alone)


def tried(
    recipe: Recipe, name: str, number: int, with_keras: bool, tally: Tally
) -> Iterator[Trial]:
    """Yield all trials of a recipe; where one ends in an exception the tally says so."""
    try:
        yield from trials_of(recipe, name, number)
        if with_keras:
            os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
            from tests.fuzzer.keras_models import keras_trials_of  # imports Keras

            yield from keras_trials_of(recipe, name, number)
    except Exception as error:
        tally.broken.append(f"{name}: {type(error).__name__}: {error}")


def run(seed: int, numbers: list[int], keras: float) -> Tally:
    """Return some recipes, in one process."""
    tally = Tally()
    saved: Counter[str] = Counter()
    start = time.process_time()
    for number in numbers:
        recipe, name = recipe_of(seed, number), f"{seed}/{number}"
        with_keras = bool(keras) and number % round(1 / keras) == 0
        tally.recipes += 1
        tally.keras += with_keras
        for trial in tried(recipe, name, number, with_keras, tally):
            count(tally, trial)
            if trial.outcome not in ("equal", "undecided") and not is_true(trial):
                saved[trial.mutation] += 1
            if is_wrong(trial) or (
                trial.outcome == "right" and not is_true(trial) and saved[trial.mutation] <= FEW
            ):
                tally.cases.append(small_case(recipe, name, trial))
    tally.cpu = time.process_time() - start
    return tally


def add(total: Tally, part: Tally) -> None:
    for name in ("recipes", "keras", "respelled", "rejected", "equal", "undecided", "cpu"):
        setattr(total, name, getattr(total, name) + getattr(part, name))
    for mutation, row in part.rows.items():
        known = total.rows.setdefault(mutation, Row())
        for name, value in asdict(row).items():
            setattr(known, name, getattr(known, name) + value)
    total.cases += part.cases
    total.broken += part.broken


def kept(seed: int, numbers: list[int], keras: float, folder: Path | None) -> Tally:
    """Return what came out of these recipes, from the folder if they have been run before."""
    if folder is None:
        return run(seed, numbers, keras)
    path = folder / f"{seed}-{keras}-{numbers[0]:06}-{numbers[-1]:06}.json"
    if path.exists():
        known = json.loads(path.read_text(encoding="utf-8"))
        return Tally(**{**known, "rows": {name: Row(**row) for name, row in known["rows"].items()}})
    tally = run(seed, numbers, keras)
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(tally)), encoding="utf-8")
    return tally


def parts(seed: int, n: int, jobs: int, keras: float, folder: Path | None) -> Iterator[Tally]:
    chunks = [list(range(start, min(start + CHUNK, n))) for start in range(0, n, CHUNK)]
    if jobs == 1:
        yield from (kept(seed, chunk, keras, folder) for chunk in chunks)
        return
    with ProcessPoolExecutor(jobs) as pool:
        tasks = [pool.submit(kept, seed, chunk, keras, folder) for chunk in chunks]
        for task in as_completed(tasks):
            yield task.result()


def missed(tally: Tally) -> list[str]:
    """Return the bars that are missed, in words."""
    total = tally.total
    found = list(tally.broken)
    if tally.rejected:
        found.append(f"{tally.rejected} of {tally.respelled} respellings are rejected")
    if total.accepted:
        found.append(f"{total.accepted} of {total.tried} mutants are accepted")
    if total.named < NAMED * total.tried:
        found.append(f"place and kind are named in {share(total.named, total.tried)}")
    if total.alone < ALONE * total.tried:
        found.append(f"there is exactly one finding in {share(total.alone, total.tried)}")
    return found


def share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "-"


def table(tally: Tally) -> str:
    head = f"{'mutation':26}{'tried':>7}{'accepted':>9}{'place':>8}{'kind':>8}{'both':>8}{'one':>8}"
    lines = [
        f"{tally.recipes} recipes, {tally.keras} of them also as Keras models, {tally.cpu:.0f} s",
        f"respellings: {tally.respelled} tried, {tally.rejected} wrongly rejected",
        f"mutants that the oracle finds equal: {tally.equal}, undecided: {tally.undecided}",
        head,
    ]
    for mutation, row in [*sorted(tally.rows.items()), ("all", tally.total)]:
        shares = [share(n, row.tried) for n in (row.place, row.kind, row.named, row.alone)]
        lines.append(
            f"{mutation:26}{row.tried:7}{row.accepted:9}" + "".join(f"{text:>8}" for text in shares)
        )
    return "\n".join(lines)


def save(cases: list[dict[str, Any]], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, case in enumerate(cases):
        path = folder / f"{number:03}-{case['mutation']}.json"
        path.write_text(json.dumps(case, indent=1) + "\n", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recipes", type=int, metavar="N")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--keras", type=float, default=0.1, help="the share also built with Keras")
    parser.add_argument("--cases", type=Path, help="where failures are saved")
    parser.add_argument("--keep", type=Path, help="where what is done is kept, to go on from")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    tally = Tally()
    seed, jobs, keras = options.seed, options.jobs, options.keras
    for part in parts(seed, options.recipes, jobs, keras, options.keep):
        add(tally, part)
        row = tally.total
        print(
            f"\r{tally.recipes}/{options.recipes} rejected {tally.rejected} "
            f"accepted {row.accepted} named {share(row.named, row.tried)} "
            f"one {share(row.alone, row.tried)} ",
            end="",
            file=sys.stderr,
            flush=True,
        )
    print(file=sys.stderr)
    failures = missed(tally)
    if options.cases:
        save(tally.cases, options.cases)
    if options.json:
        figures = {**asdict(tally), "total": asdict(tally.total), "missed": failures}
        del figures["cases"]
        print(json.dumps({"seed": options.seed, **figures}, indent=1))
    else:
        print(table(tally))
        print("\n".join(f"missed: {text}" for text in failures) or "every bar is met")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
