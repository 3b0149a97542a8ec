"""Is there something to learn in each section's data, and is it the section's point?

    python benchmarks/signals.py [--json] [--section NAME] [--seeds 5]

For each section and seed, on a holdout: the solution, the best constant answer, the solution
trained on shuffled targets, and the solution without the section's point.  The exit status is 1
if a bar is missed:

- the solution beats the best constant answer, and reaches the bar of the section's exercise
- trained on shuffled targets it does not get below the best constant answer's loss
- its worst seed beats the best seed of the one without the section's point
- neither that one nor a linear model of the numbers comes to half of the exercise's points
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # as in a notebook

import keras
import numpy as np
from keras import layers

from beyond_sequential.course import metrics, sections
from beyond_sequential.course.exercise import Trained

FIRST_SEED = 500
SHUFFLED_SLACK = 0.1  # of the constant answer's loss: a little can be right by luck

Arrays = Mapping[str, np.ndarray]
Solve = Callable[[Arrays, Arrays], np.ndarray]  # training data, a holdout's inputs -> predictions


@dataclass(frozen=True)
class Signal:
    """What is measured of one target of a section.

    `score` and `loss` name functions of `metrics`; more is better in a score, less in a loss.
    """

    section: str
    solve: Solve
    without: Solve
    point: str  # what `without` leaves out
    score: str = "accuracy"
    loss: str = "cross_entropy"
    target: str = "y"
    linear: bool = True  # whether a linear model of the numbers is without the section's point


@dataclass(frozen=True)
class Row:
    """The figures of one seed."""

    section: str
    target: str
    seed: int
    solution: float
    constant: float
    without: float
    linear: float | None
    shuffled_loss: float
    constant_loss: float
    cpu_seconds: float  # of the solution: building, training, predicting


# --- 7.1.1: one input, one output -----------------------------------------------------------------


def introduction(train: Arrays, inputs: Arrays, activation: str | None = "relu") -> np.ndarray:
    x = keras.Input((64,))
    hidden = layers.Dense(32, activation=activation)(x)
    hidden = layers.Dense(32, activation=activation)(hidden)
    model = keras.Model(x, layers.Dense(10, activation="softmax")(hidden))
    model.compile("rmsprop", "categorical_crossentropy")
    model.fit(train["x"], train["y"], epochs=10, batch_size=128, verbose=0)
    return model.predict(inputs["x"], verbose=0)


def introduction_linear(train: Arrays, inputs: Arrays) -> np.ndarray:
    return introduction(train, inputs, activation=None)


# --- 7.1.2: several inputs ------------------------------------------------------------------------


def several_inputs(
    train: Arrays, inputs: Arrays, names: Sequence[str] = ("text", "question")
) -> np.ndarray:
    words = [keras.Input((100,), dtype="int32", name=name) for name in names]
    read = [layers.GlobalMaxPooling1D()(layers.Embedding(10000, 32)(ids)) for ids in words]
    merged = layers.concatenate(read) if len(read) > 1 else read[0]
    model = keras.Model(words, layers.Dense(500, activation="softmax")(merged))
    model.compile(keras.optimizers.RMSprop(0.01), "categorical_crossentropy")
    y = keras.utils.to_categorical(train["answers"], 500)
    model.fit([train[name] for name in names], y, epochs=5, batch_size=64, verbose=0)
    return model.predict([inputs[name] for name in names], verbose=0)


def several_inputs_blind(train: Arrays, inputs: Arrays) -> np.ndarray:
    return several_inputs(train, inputs, names=("text",))


# --- 7.1.3: several outputs -----------------------------------------------------------------------

HEADS = ("age", "income", "gender")
BOOK_WEIGHTS = (0.25, 1.0, 10.0)


def several_outputs(
    train: Arrays, inputs: Arrays, weights: Sequence[float] = BOOK_WEIGHTS
) -> dict[str, np.ndarray]:
    posts = keras.Input((None,), dtype="int32", name="posts")
    read = layers.Conv1D(128, 5, activation="relu")(layers.Embedding(100, 64)(posts))
    read = layers.GlobalMaxPooling1D()(read)
    middle = keras.initializers.Constant(25)
    outputs = [
        layers.Dense(1, bias_initializer=middle, name="age")(read),
        layers.Dense(10, activation="softmax", name="income")(read),
        layers.Dense(1, activation="sigmoid", name="gender")(read),
    ]
    model = keras.Model(posts, outputs)
    losses = ["mse", "categorical_crossentropy", "binary_crossentropy"]
    model.compile("rmsprop", losses, loss_weights=list(weights))
    targets = [train[head] for head in HEADS]
    model.fit(train["posts"], targets, epochs=10, batch_size=64, verbose=0)
    return dict(zip(HEADS, model.predict(inputs["posts"], verbose=0), strict=True))


def age(train: Arrays, inputs: Arrays) -> np.ndarray:
    return several_outputs(train, inputs)["age"]


def income(train: Arrays, inputs: Arrays) -> np.ndarray:
    return several_outputs(train, inputs)["income"]


def gender(train: Arrays, inputs: Arrays) -> np.ndarray:
    return several_outputs(train, inputs)["gender"]


def age_without_loss(train: Arrays, inputs: Arrays) -> np.ndarray:
    return several_outputs(train, inputs, weights=(0.0, 1.0, 10.0))["age"]


def income_without_loss(train: Arrays, inputs: Arrays) -> np.ndarray:
    return several_outputs(train, inputs, weights=(0.25, 0.0, 10.0))["income"]


def gender_unweighted(train: Arrays, inputs: Arrays) -> np.ndarray:
    return several_outputs(train, inputs, weights=(1.0, 1.0, 1.0))["gender"]


# --- 7.1.4: graphs of layers ----------------------------------------------------------------------


def _convolution(filters: int, size: int, strides: int = 1) -> layers.Layer:
    return layers.Conv2D(filters, size, strides=strides, padding="same", activation="relu")


def inception(train: Arrays, inputs: Arrays, branches: str = "abcd") -> np.ndarray:
    images = keras.Input((12, 12, 3))
    average = layers.AveragePooling2D(3, strides=2, padding="same")
    steps: dict[str, list[layers.Layer]] = {
        "a": [_convolution(16, 1, 2)],
        "b": [_convolution(16, 1), _convolution(16, 3, 2)],
        "c": [average, _convolution(16, 3)],
        "d": [_convolution(16, 1), _convolution(16, 3), _convolution(16, 3, 2)],
    }
    ends = []
    for branch in branches:
        tensor = images
        for step in steps[branch]:
            tensor = step(tensor)
        ends.append(tensor)
    joined = layers.concatenate(ends) if len(ends) > 1 else ends[0]
    read = layers.GlobalMaxPooling2D()(joined)
    model = keras.Model(images, layers.Dense(8, activation="softmax")(read))
    model.compile(keras.optimizers.RMSprop(0.01), "categorical_crossentropy")
    model.fit(train["images"], train["y"], epochs=10, batch_size=64, verbose=0)
    return model.predict(inputs["images"], verbose=0)


def inception_one_scale(train: Arrays, inputs: Arrays) -> np.ndarray:
    return inception(train, inputs, branches="d")


def residual(train: Arrays, inputs: Arrays, shortcuts: bool = True) -> np.ndarray:
    images = keras.Input((12, 12, 3))
    x = _convolution(16, 3, 2)(images)
    for _ in range(5):
        y = x
        for _ in range(3):
            y = _convolution(16, 3)(y)
        x = layers.add([y, x]) if shortcuts else y
    read = layers.GlobalMaxPooling2D()(x)
    model = keras.Model(images, layers.Dense(1, activation="sigmoid")(read))
    model.compile(keras.optimizers.SGD(0.05), "binary_crossentropy")
    model.fit(train["images"], train["y_far"], epochs=4, batch_size=64, verbose=0)
    return model.predict(inputs["images"], verbose=0)


def residual_plain(train: Arrays, inputs: Arrays) -> np.ndarray:
    return residual(train, inputs, shortcuts=False)


# --- 7.1.5: shared layers -------------------------------------------------------------------------


def shared_layers(train: Arrays, inputs: Arrays, share: bool = True) -> np.ndarray:
    sides = [keras.Input((16, 16), name=name) for name in ("left", "right")]
    listen = layers.LSTM(32)
    codes = [listen(sides[0]), (listen if share else layers.LSTM(32))(sides[1])]
    model = keras.Model(sides, layers.Dense(1, activation="sigmoid")(layers.concatenate(codes)))
    model.compile(keras.optimizers.RMSprop(0.01), "binary_crossentropy")
    model.fit([train["left"], train["right"]], train["y"], epochs=5, batch_size=32, verbose=0)
    return model.predict([inputs["left"], inputs["right"]], verbose=0)


def shared_layers_separate(train: Arrays, inputs: Arrays) -> np.ndarray:
    return shared_layers(train, inputs, share=False)


# --- 7.1.6: models as layers ----------------------------------------------------------------------


def _eye() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((10, 20, 1)),
            layers.Conv2D(8, 3, strides=2, padding="same", activation="relu"),
            layers.Conv2D(16, 3, strides=2, padding="same", activation="relu"),
            layers.Flatten(),
            layers.Dense(16, activation="relu"),
        ]
    )


def _stereo(
    eye: keras.Model, train: Arrays, target: str, rate: float, epochs: int, cameras: Sequence[str]
) -> keras.Model:
    pictures = [keras.Input((10, 20, 1), name=name) for name in cameras]
    codes = [eye(picture) for picture in pictures]
    merged = layers.concatenate(codes) if len(codes) > 1 else codes[0]
    model = keras.Model(pictures, layers.Dense(1)(layers.Dense(32, activation="relu")(merged)))
    model.compile(keras.optimizers.Adam(rate), "mean_squared_error")
    x = [train[name] for name in cameras]
    model.fit(x, train[target], epochs=epochs, batch_size=32, verbose=0)
    return model


def models_as_layers(
    train: Arrays, inputs: Arrays, cameras: Sequence[str] = ("left", "right")
) -> np.ndarray:
    model = _stereo(_eye(), train, "y", 0.003, 10, cameras)
    return model.predict([inputs[name] for name in cameras], verbose=0)


def models_as_layers_one_camera(train: Arrays, inputs: Arrays) -> np.ndarray:
    return models_as_layers(train, inputs, cameras=("left",))


def frozen_eye(train: Arrays, inputs: Arrays, learn: bool = True) -> np.ndarray:
    both, eye = ("left", "right"), _eye()
    if learn:
        _stereo(eye, train, "y", 0.003, 10, both)
    eye.trainable = False
    model = _stereo(eye, train, "y_depth", 0.01, 5, both)
    return model.predict([inputs[name] for name in both], verbose=0)


def frozen_eye_untrained(train: Arrays, inputs: Arrays) -> np.ndarray:
    return frozen_eye(train, inputs, learn=False)


SIGNALS = (
    Signal("introduction", introduction, introduction_linear, "the hidden layers' activations"),
    Signal("several_inputs", several_inputs, several_inputs_blind, "the question", linear=False),
    Signal(
        "several_outputs",
        age,
        age_without_loss,
        "the age's own loss",
        score="r2",
        loss="mean_absolute_error",
        target="y_age",
        linear=False,
    ),
    Signal(
        "several_outputs",
        income,
        income_without_loss,
        "the income's own loss",
        target="y_income",
        linear=False,
    ),
    Signal(
        "several_outputs",
        gender,
        gender_unweighted,
        "the loss weights",
        target="y_gender",
        linear=False,
    ),
    Signal("graphs_of_layers", inception, inception_one_scale, "all but one branch"),
    Signal("graphs_of_layers", residual, residual_plain, "the shortcuts", target="y_far"),
    Signal("shared_layers", shared_layers, shared_layers_separate, "the sharing"),
    Signal(
        "models_as_layers",
        models_as_layers,
        models_as_layers_one_camera,
        "the second camera",
        score="r2",
        loss="mean_absolute_error",
    ),
    Signal(
        "models_as_layers",
        frozen_eye,
        frozen_eye_untrained,
        "the eye's training",
        score="r2",
        loss="mean_absolute_error",
        target="y_depth",
    ),
)


# --- measuring ------------------------------------------------------------------------------------


def measure(signal: Signal, seed: int) -> Row:
    """Train the three models for one seed, which draws data, starting weights and holdout."""
    section = sections.section(signal.section)
    inputs = dict(section.holdout(seed))
    true = inputs.pop(signal.target)
    constant = np.broadcast_to(true.mean(axis=0), true.shape)
    score, loss = getattr(metrics, signal.score), getattr(metrics, signal.loss)

    def predict(solve: Solve, **options: bool) -> np.ndarray:
        keras.utils.clear_session()
        keras.utils.set_random_seed(seed)
        return solve(section.training(seed, **options), inputs)

    start = time.process_time()
    solution = predict(signal.solve)
    seconds = time.process_time() - start
    return Row(
        section=signal.section,
        target=signal.target,
        seed=seed,
        solution=score(solution, true),
        constant=score(constant, true),
        without=score(predict(signal.without), true),
        linear=_linear(signal, section.training(seed), inputs, true) if signal.linear else None,
        shuffled_loss=loss(predict(signal.solve, shuffled=True), true),
        constant_loss=loss(constant, true),
        cpu_seconds=seconds,
    )


def _linear(signal: Signal, train: Arrays, inputs: Arrays, true: np.ndarray) -> float:
    """Return the score of the best linear model of all numbers of a sample, by ridge regression."""
    names = [name for name in inputs if not name.startswith("y")]
    flat, seen = (
        np.hstack([arrays[name].reshape(len(arrays[name]), -1) for name in names]).astype("float64")
        for arrays in (train, inputs)
    )
    targets = train[signal.target].astype("float64")
    middle, mean = flat.mean(axis=0), targets.mean(axis=0)
    flat, seen = flat - middle, seen - middle
    score = getattr(metrics, signal.score)
    return max(
        score(
            seen
            @ np.linalg.solve(
                flat.T @ flat + ridge * np.eye(flat.shape[1]), flat.T @ (targets - mean)
            )
            + mean,
            true,
        )
        for ridge in (1.0, 30.0, 300.0)
    )


def missed(signal: Signal, rows: Sequence[Row]) -> list[str]:
    """Return the bars that a section's rows miss, in words."""
    found = []
    bar, half = _bars(signal)
    for row in rows:
        where = f"{row.section} {row.target}, seed {row.seed}"
        if row.solution <= row.constant:
            found.append(f"{where}: the solution is no better than a constant answer")
        if row.solution < bar:
            found.append(f"{where}: the solution stays below the exercise's bar of {bar}")
        for name, value in (
            (f"without {signal.point}", row.without),
            ("a linear model", row.linear),
        ):
            if value is not None and value > half:
                found.append(f"{where}: {name} earns more than half of the points")
        if row.shuffled_loss < (1 - SHUFFLED_SLACK) * row.constant_loss:
            found.append(f"{where}: something can be learnt from shuffled targets")
    if min(row.solution for row in rows) <= max(row.without for row in rows):
        found.append(f"{signal.section} {signal.target}: {signal.point} can be left out")
    return found


def _bars(signal: Signal) -> tuple[float, float]:
    """Return where full marks start, and where half of them are reached.

    The thresholds stand in the section's exercise, nowhere else.
    """
    parts = [
        part
        for exercise in sections.section(signal.section).EXERCISES
        for part in exercise.parts
        if isinstance(part, Trained)
        and (part.data, part.metric, part.output) == (signal.section, signal.score, signal.target)
    ]
    if not parts:  # measured in another way by the exercise
        return -np.inf, np.inf
    part = max(parts, key=lambda part: part.bar)
    return part.bar, (part.floor + part.bar) / 2


# --- telling --------------------------------------------------------------------------------------

HEADER = "seed  solution  constant  without  linear  loss: shuffled  constant  CPU s"


def _line(row: Row) -> str:
    return (
        f"{row.seed:4}  {row.solution:8.3f}  {row.constant:8.3f}  {row.without:7.3f}  "
        f"{'     -' if row.linear is None else f'{row.linear:6.3f}'}  "
        f"{row.shuffled_loss:14.3f}  {row.constant_loss:8.3f}  {row.cpu_seconds:5.1f}"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--section", choices=sorted({s.section for s in SIGNALS}))
    parser.add_argument("--seeds", type=int, default=5, help="how many (default: 5)")
    options = parser.parse_args(arguments)
    rows: list[Row] = []
    failures: list[str] = []
    for signal in SIGNALS:
        if options.section not in (None, signal.section):
            continue
        if not options.json:
            print(f"{signal.section} {signal.target}: {signal.score}; without {signal.point}")
            print(HEADER)
        own = []
        for seed in range(FIRST_SEED, FIRST_SEED + options.seeds):
            own.append(measure(signal, seed))
            if not options.json:
                print(_line(own[-1]), flush=True)
        rows += own
        failures += missed(signal, own)
    if options.json:
        print(json.dumps({"rows": [dataclasses.asdict(r) for r in rows], "missed": failures}))
    else:
        print("\n".join(failures) or "every bar is met")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
