"""What notebooks hold in place of a model: functions without return, foreign Inputs, containers.

Each way to hand something in is combined with several models, and the first finding must say what
is in the way: by its code, and by words that its sentence holds.

Tests: tests/fuzzer/test_known_faults.py
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from beyond_sequential.findings.verdict import Verdict
from beyond_sequential.model.spec import Spec
from tests.helpers.handing_in import against, keras, layers, said

Build = Callable[..., Any]


@dataclass(frozen=True)
class Captured:
    """A function `answer` where `solution` is asked for.

    `words` are patterns of which the first finding says all; none of `never` may be said.  With
    `right` the answer is a right one.
    """

    id: str
    solution: Build
    answer: Build
    words: tuple[str, ...] = ()
    never: tuple[str, ...] = ("still waits for your code", "another model", "`` ")
    right: bool = False
    cases: tuple[tuple[Spec, ...], ...] = ()

    def verdict(self) -> Verdict:
        return against(self.solution, self.answer, *self.cases)

    def is_named(self, verdict: Verdict) -> bool:
        """Whether the verdict is right, or says all words and nothing else than the truth."""
        if self.right:
            return verdict.outcome == "right" and not verdict.findings
        text = said(verdict)
        lines = [line for line in text.splitlines() if line.lstrip().startswith("1.")]
        return (
            verdict.outcome in ("wrong", "partly right")
            and bool(lines)
            and all(re.search(word, text, re.IGNORECASE) for word in self.words)
            and not any(word in text for word in self.never)
        )


def small() -> Any:
    inputs = keras.Input((8,))
    return keras.Model(inputs, layers.Dense(3)(layers.Dense(4, activation="relu")(inputs)))


def two_inputs() -> Any:
    a, b = keras.Input((8,), name="a"), keras.Input((6,), name="b")
    return keras.Model([a, b], layers.Dense(2)(layers.concatenate([a, b])))


def sequential() -> Any:
    return keras.Sequential([keras.Input((8,)), layers.Dense(4), layers.Dense(1)])


MODELS = {"small": small, "two_inputs": two_inputs, "sequential": sequential}


# --- what a function gives back -----------------------------------------------------------------


RETURNS: dict[str, tuple[Callable[[Any], Any], tuple[str, ...]]] = {
    "no_return": (lambda model: None, ("return",)),
    "return_summary": (lambda model: model.summary(print_fn=lambda *_, **__: None), ("return",)),
    "return_print": (lambda model: print(model.name), ("return",)),
    "return_compile": (lambda model: model.compile("sgd", "mse"), ("return",)),
    "return_set_weights": (lambda model: model.set_weights(model.get_weights()), ("return",)),
    "return_list": (lambda model: [model], ("list",)),
    "return_dict": (lambda model: {"model": model}, ("dict",)),
    "return_pair": (lambda model: (model, model.inputs), ("tuple",)),
    "return_function": (lambda model: lambda: model, ("function",)),
    "return_generator": (lambda model: (m for m in [model]), ("generator",)),
    "return_config": (lambda model: model.get_config(), ("dict",)),
    "return_text": (lambda model: model.name, ("str|text",)),
    "return_class": (type, ("class|type",)),
}

WAYS_TO_WRITE: dict[str, Callable[[Build], Build]] = {
    "lambda": lambda build: lambda: build(),
    "method": lambda build: type("Maker", (), {"build": lambda self: build()})().build,
    "callable_object": lambda build: type("Maker", (), {"__call__": lambda self: build()})(),
    "default_argument": lambda build: lambda model=build: model(),
    "keyword_arguments": lambda build: lambda *args, **kwargs: build(),
    "decorated": lambda build: _decorated(build),
}


def _decorated(build: Build) -> Build:
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return build(*args, **kwargs)

    return wrapper


def _returns() -> Iterator[Captured]:
    for model, build in MODELS.items():
        for name, (change, words) in RETURNS.items():

            def answer(build: Build = build, change: Callable[[Any], Any] = change) -> Any:
                return change(build())

            yield Captured(f"{name}_{model}", build, answer, words)
        for name, write in WAYS_TO_WRITE.items():
            yield Captured(f"{name}_{model}", build, write(build), right=True)


# --- Inputs that are not the function's ---------------------------------------------------------

VECTOR = ((Spec((8,)),),)


def branch(x: Any) -> Any:
    return layers.Dense(3)(layers.Dense(4, activation="relu")(x))


def _foreign_inputs() -> Iterator[Captured]:
    def own_input(x: Any) -> Any:
        return branch(keras.Input((8,)))

    def global_input() -> Build:
        shared: dict[str, Any] = {}

        def answer(x: Any) -> Any:
            return branch(shared.setdefault("text", keras.Input((8,), name="text")))

        return answer

    def half_own(x: Any) -> Any:
        return layers.add([branch(x), branch(keras.Input((8,)))])

    argument = (r"argument|`x`",)
    yield Captured("own_input", branch, own_input, argument, cases=VECTOR)
    yield Captured("global_input", branch, global_input(), argument, cases=VECTOR)
    yield Captured(
        "own_input_in_one_branch",
        lambda x: layers.add([branch(x), branch(x)]),
        half_own,
        argument,
        cases=VECTOR,
    )
    yield Captured(
        "input_given_back", branch, lambda x: x, (), never=("keras_tensor", "``"), cases=VECTOR
    )
    yield Captured("no_return_of_a_tensor", branch, lambda x: None, ("return",), cases=VECTOR)
    yield Captured(
        "eager_tensor",
        branch,
        lambda x: keras.ops.ones((1, 3)),
        ("tensor",),
        never=("must give a model",),
        cases=VECTOR,
    )
    yield Captured(
        "generator_of_a_tensor",
        branch,
        lambda x: (branch(t) for t in [x]),
        ("generator",),
        never=("must give a model",),
        cases=VECTOR,
    )


# --- mistakes whose cause is elsewhere ----------------------------------------------------------


def _causes() -> Iterator[Captured]:
    def exchanged() -> Any:
        inputs = keras.Input((8,))
        return keras.Model(branch(inputs), inputs)

    def overwritten() -> Any:
        x = keras.Input((8,))
        x = layers.Dense(4, activation="relu")(x)
        return keras.Model(x, layers.Dense(3)(x))

    made: dict[str, Any] = {}

    def foreign_layer(x: Any) -> Any:
        layer = made.setdefault("layer", layers.Dense(4, activation="relu"))
        if not layer.built:
            layer(keras.Input((30,)))
        return layers.Dense(3)(layer(x))

    yield Captured("model_of_outputs_and_inputs", small, exchanged, ("exchanged|other way|order",))
    yield Captured("overwritten_input", small, overwritten, ("cut off|intermediate",))
    yield Captured(
        "layer_for_another_size",
        branch,
        foreign_layer,
        ("size|shape",),
        never=("`weights` is",),
        cases=VECTOR,
    )


def _settings() -> Iterator[Captured]:
    def with_lambda(x: Any) -> Any:
        return layers.Dense(3)(layers.Lambda(lambda t: t * 2)(layers.Dense(4, "relu")(x)))

    def regularized(x: Any) -> Any:
        return layers.Dense(3)(layers.Dense(4, "relu", activity_regularizer="l2")(x))

    def low_precision(x: Any) -> Any:
        policy = keras.mixed_precision.dtype_policy()
        keras.mixed_precision.set_dtype_policy("mixed_bfloat16")
        try:
            return branch(x)
        finally:
            keras.mixed_precision.set_dtype_policy(policy)

    yield Captured(
        "lambda_layer", branch, with_lambda, ("Lambda",), never=("__lambda__", "code"), cases=VECTOR
    )
    yield Captured(
        "activity_regularizer",
        branch,
        regularized,
        ("regularizer",),
        never=("2. ",),
        cases=VECTOR,
    )
    yield Captured(
        "mixed_precision",
        branch,
        low_precision,
        ("precision|policy",),
        never=("`dtype` is",),
        cases=VECTOR,
    )


# --- one mistake, one finding -------------------------------------------------------------------


def _habits() -> Iterator[Captured]:
    def convolutions(activation: str | None) -> Build:
        def build(x: Any) -> Any:
            for filters in (4, 5, 6, 7):
                x = layers.Conv2D(filters, 3, padding="same", activation=activation)(x)
            return x

        return build

    one_finding = ("2. ",)
    image = ((Spec((8, 8, 3)),),)
    yield Captured(
        "activation_forgotten_everywhere",
        convolutions("relu"),
        convolutions(None),
        ("activation",),
        never=one_finding,
        cases=image,
    )

    def pooled(**options: Any) -> Build:
        return lambda x: layers.MaxPooling1D(**options)(layers.Conv1D(4, 3)(x))

    yield Captured(
        "pool_of_two",
        pooled(pool_size=5),
        pooled(),
        ("5",),
        never=one_finding,
        cases=((Spec((20, 3)),),),
    )

    def pair(one: str, two: str) -> Build:
        def build() -> Any:
            a, b = keras.Input((8,), name=one), keras.Input((8,), name=two)
            joined = layers.concatenate([layers.Dense(3)(a), layers.Dense(5)(b)])
            return keras.Model([a, b], joined)

        return build

    yield Captured(
        "two_outputs_exchanged",
        pair("a", "b"),
        _turned(pair("a", "b")),
        ("order|exchanged",),
        never=one_finding,
    )


def _turned(build: Build) -> Build:
    def answer() -> Any:
        model = build()
        return keras.Model(model.inputs[::-1], model.outputs)

    return answer


def captures() -> list[Captured]:
    """All of them, in the order of their kinds."""
    return [*_returns(), *_foreign_inputs(), *_causes(), *_settings(), *_habits()]
