"""Wrong answers that do not differ in the graph of one call: arguments, order, names, objects.

A `WrongAnswer` holds the names of a notebook as they should be and the names that a mistake
changes.  What is right must be right, so that the mistake alone decides.

Tests: tests/fuzzer/test_known_faults.py
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from beyond_sequential.findings.verdict import Verdict
from tests.helpers.handing_in import against, hand_in, keras, layers, said

Names = Mapping[str, Any]


@dataclass(frozen=True)
class WrongAnswer:
    """A mistake in an exercise of the course, or (`exercise` is "") in a function `build`."""

    id: str
    exercise: str
    right: Callable[[], Names]
    wrong: Callable[[], Names]

    def verdict(self) -> Verdict:
        return self._verdict({**self.right(), **self.wrong()})

    def check_solution(self) -> None:
        """Raise AssertionError if the right answer is not right."""
        verdict = self._verdict(self.right())
        assert verdict.outcome == "right", said(verdict)

    def _verdict(self, names: Names) -> Verdict:
        if self.exercise:
            return hand_in(self.exercise, **names)
        return against(self.right()["build"], names["build"])


# --- arguments ----------------------------------------------------------------------------------


def inception(x: Any, filters: int = 128, third: int | None = None) -> Any:
    options = {"activation": "relu", "padding": "same"}
    a = layers.Conv2D(filters, 1, strides=2, **options)(x)
    b = layers.Conv2D(filters, 3, strides=2, **options)(layers.Conv2D(filters, 1, **options)(x))
    c = layers.AveragePooling2D(3, strides=2, padding="same")(x)
    c = layers.Conv2D(filters, 3, **options)(c)
    d = layers.Conv2D(third or filters, 1, **options)(x)
    d = layers.Conv2D(filters, 3, **options)(d)
    d = layers.Conv2D(filters, 3, strides=2, **options)(d)
    return layers.concatenate([a, b, c, d], axis=-1)


def residual(x: Any, filters: int = 128) -> Any:
    y = x
    for _ in range(3):
        y = layers.Conv2D(filters, 3, activation="relu", padding="same")(y)
    return layers.add([y, x])


def shrinking(x: Any, filters: int = 128) -> Any:
    y = layers.Conv2D(filters, 3, activation="relu", padding="same")(x)
    y = layers.Conv2D(filters, 3, activation="relu", padding="same")(y)
    y = layers.MaxPooling2D(2, strides=2)(y)
    return layers.add([y, layers.Conv2D(filters, 1, strides=2, padding="same")(x)])


def _arguments() -> Iterator[WrongAnswer]:
    for function in (inception, residual, shrinking):
        name = function.__name__
        for word, wrong in {
            "argument_ignored": lambda x, filters=128, f=function: f(x, 128),
            "argument_missing": lambda x, f=function: f(x),
            "argument_added_to": lambda x, filters=128, f=function: f(x, max(filters, 128)),
        }.items():
            yield WrongAnswer(
                f"{word}_{name}",
                f"graphs-of-layers-{name}",
                lambda f=function, n=name: {n: f},
                lambda w=wrong, n=name: {n: w},
            )
    yield WrongAnswer(
        "argument_ignored_in_one_layer",
        "graphs-of-layers-inception",
        lambda: {"inception": inception},
        lambda: {"inception": lambda x, filters=128: inception(x, filters, third=128)},
    )


# --- order and names ----------------------------------------------------------------------------


def side_by_side(left: Any, right: Any) -> Any:
    listen = layers.LSTM(32)
    codes = layers.concatenate([listen(left), listen(right)], axis=-1)
    return layers.Dense(1, activation="sigmoid")(codes)


def ears(names: tuple[str | None, ...] = ("left", "right"), exchanged: bool = False) -> Any:
    left, right = (keras.Input((16, 16), name=name) for name in names)
    called = (right, left) if exchanged else (left, right)
    model = keras.Model([left, right], side_by_side(*called))
    model.compile("rmsprop", "binary_crossentropy", metrics=["accuracy"])
    return model


def build_eye() -> Any:
    return keras.Sequential(
        [
            keras.Input((10, 20, 1)),
            layers.Conv2D(8, 3, strides=2, padding="same", activation="relu"),
            layers.Conv2D(16, 3, strides=2, padding="same", activation="relu"),
            layers.Flatten(),
            layers.Dense(16, activation="relu"),
        ]
    )


def stereo(
    eye: Any, names: tuple[str | None, ...] = ("left", "right"), turned: bool = False
) -> Any:
    left, right = (keras.Input((10, 20, 1), name=name) for name in names)
    codes = layers.concatenate([eye(left), eye(right)])
    hidden = layers.Dense(32, activation="relu")(codes)
    return keras.Model([left, right], layers.Dense(1)(hidden))


def _order_and_names() -> Iterator[WrongAnswer]:
    def right_first(left: Any, right: Any) -> Any:
        return side_by_side(right, left)

    def twice() -> Names:
        return {"side_by_side": side_by_side}

    yield WrongAnswer(
        "right_code_first", "shared-layers-twice", twice, lambda: {"side_by_side": right_first}
    )

    def heard() -> Names:
        return {"side_by_side": side_by_side, "ears": ears()}

    for word, wrong in {
        "ears_called_with_right_and_left": lambda: {"ears": ears(exchanged=True)},
        "ears_without_names": lambda: {"ears": ears((None, None))},
        "ears_with_other_names": lambda: {"ears": ears(("a", "b"))},
    }.items():
        yield WrongAnswer(word, "shared-layers-model", heard, wrong)

    def seen() -> Names:
        eye = build_eye()
        return {"build_eye": build_eye, "eye": eye, "stereo": stereo(eye)}

    def changed(**given: Any) -> Names:
        eye = build_eye()
        return {"eye": eye, "stereo": stereo(eye, **given)}

    for word, wrong in {
        "stereo_without_names": lambda: changed(names=(None, None)),
        "stereo_with_other_names": lambda: changed(names=("one", "two")),
        "stereo_on_another_eye": lambda: {"eye": build_eye(), "stereo": stereo(build_eye())},
        "no_eye": lambda: {"eye": None},
    }.items():
        yield WrongAnswer(word, "models-as-layers-stereo", seen, wrong)


# --- initial values -----------------------------------------------------------------------------


def reader(**initializers: Any) -> Callable[[], Any]:
    """A function that builds the reader; `initializers` are settings of its heads, by name."""

    def build_reader() -> Any:
        posts = keras.Input((None,), dtype="int32", name="posts")
        x = layers.Embedding(100, 64)(posts)
        x = layers.GlobalMaxPooling1D()(layers.Conv1D(128, 5, activation="relu")(x))
        heads = [("age", 1, None), ("income", 10, "softmax"), ("gender", 1, "sigmoid")]
        outputs = [
            layers.Dense(units, activation=a, name=name, **initializers.get(name, {}))(x)
            for name, units, a in heads
        ]
        return keras.Model(posts, outputs)

    return build_reader


def _initial_values() -> Iterator[WrongAnswer]:
    def at(value: float, of: str = "bias") -> dict[str, Any]:
        return {f"{of}_initializer": keras.initializers.Constant(value)}

    def right() -> Names:
        return {"build_reader": reader(age=at(25))}

    for word, wrong in {
        "bias_forgotten": lambda: reader(),
        "bias_on_the_kernel": lambda: reader(age=at(25, "kernel")),
        "bias_of_another_value": lambda: reader(age=at(2.5)),
        "bias_of_another_head": lambda: reader(gender=at(25)),
        "bias_of_all_heads": lambda: reader(age=at(25), income=at(25), gender=at(25)),
    }.items():
        yield WrongAnswer(
            word, "several-outputs-reader", right, lambda w=wrong: {"build_reader": w()}
        )


# --- objects with the names of Keras's ----------------------------------------------------------


def _twin(activation: Any = "relu", last: Any = "softmax", **options: Any) -> Any:
    inputs = keras.Input((64,), **options)
    x = layers.Dense(32, activation=activation)(inputs)
    x = layers.Dense(32, activation=activation)(x)
    return keras.Model(inputs, layers.Dense(10, activation=last)(x))


def _own_objects() -> Iterator[WrongAnswer]:
    def relu(x: Any) -> Any:
        return x

    def negative(x: Any) -> Any:
        return -x

    negative.__name__ = "softmax"

    def mean_squared_error(y_true: Any, y_pred: Any) -> Any:
        return keras.ops.abs(y_true - y_pred)

    def twin() -> Names:
        return {"build_twin": _twin}

    for word, wrong in {
        "own_relu": lambda: _twin(relu),
        "own_softmax": lambda: _twin(last=negative),
        "sparse_input": lambda: _twin(sparse=True),
    }.items():
        yield WrongAnswer(word, "introduction-twin", twin, lambda w=wrong: {"build_twin": w})

    def compiled(loss: Any = "categorical_crossentropy", optimizer: Any = "rmsprop") -> Names:
        model = _twin()
        model.compile(optimizer, loss, metrics=["accuracy"])
        return {"build_twin": _twin, "classifier": model}

    def own_loss() -> Names:
        mean_squared_error.__name__ = "categorical_crossentropy"
        return compiled(mean_squared_error)

    def own_optimizer() -> Names:
        class RMSprop(keras.optimizers.SGD):
            pass

        return compiled(optimizer=RMSprop())

    yield WrongAnswer("own_loss", "introduction-compile", compiled, own_loss)
    yield WrongAnswer("own_optimizer", "introduction-compile", compiled, own_optimizer)


# --- training -----------------------------------------------------------------------------------


def _training_only() -> Iterator[WrongAnswer]:
    def own(in_training: Callable[[Any, Any], Any], base: str) -> Callable[[], Any]:
        def build() -> Any:
            parent = keras.Model if base == "model" else layers.Layer

            class Block(parent):  # type: ignore[misc, valid-type]
                def __init__(self) -> None:
                    super().__init__()
                    self.dense = layers.Dense(12, activation="relu")

                def call(self, x: Any, training: bool = False) -> Any:
                    y = self.dense(x)
                    return in_training(x, y) if training else y + x

            inputs = keras.Input((12,))
            return keras.Model(inputs, Block()(inputs))

        return build

    def solution() -> Any:
        inputs = keras.Input((12,))
        return keras.Model(inputs, layers.add([layers.Dense(12, "relu")(inputs), inputs]))

    for base in ("layer", "model"):
        for word, change in {
            "other_numbers": lambda x, y: keras.ops.where(y > 0.5, y, 0) + x,
            "dropout": lambda x, y: keras.random.dropout(y, 0.5) + x,
            "no_shortcut": lambda x, y: y,
        }.items():
            yield WrongAnswer(
                f"{word}_in_training_of_own_{base}",
                "",
                lambda: {"build": solution},
                lambda c=change, b=base: {"build": own(c, b)},
            )


# --- numbers and shapes -------------------------------------------------------------------------


def _numbers() -> Iterator[WrongAnswer]:
    for value in (2.31, 2.29):
        yield WrongAnswer(
            f"rounded_to_{value}",
            "introduction-chance",
            lambda: {"chance_loss": 2.302585},
            lambda v=value: {"chance_loss": v},
        )


def wrong_answers() -> list[WrongAnswer]:
    """All of them, in the order of their kinds."""
    return [
        *_arguments(),
        *_order_and_names(),
        *_initial_values(),
        *_own_objects(),
        *_training_only(),
        *_numbers(),
    ]
