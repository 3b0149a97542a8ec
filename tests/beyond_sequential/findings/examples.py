"""An example of each kind of finding: what to hand in, so that the judge's verdict holds it.

Add one for each new kind: a function that returns a `Verdict`, under the kind's code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from beyond_sequential.answers.answer import Cause, ErrorCase
from beyond_sequential.course.exercise import (
    AskArrays,
    AskFunction,
    AskModel,
    Compiled,
    Exercise,
    Fed,
    InputNames,
    SameGraph,
    SameWeights,
    Starts,
    Trained,
)
from beyond_sequential.findings.verdict import Verdict
from beyond_sequential.judge import judge
from beyond_sequential.judge.targets import Target, target_of
from beyond_sequential.model.spec import Spec
from beyond_sequential.notebook.notebook import data
from tests.beyond_sequential.findings import others
from tests.helpers.handing_in import against, answer, asking, hand_in, keras, layers, ops

VECTOR, SEQUENCE = (Spec((4,), name="x"),), (Spec((8, 3), name="x"),)
PAIR = (Spec((4,), name="a"), Spec((4,), name="b"))


def built(build: Any, *cases: tuple[Spec, ...]) -> Verdict:
    """Hand in a function where any model is asked for."""
    return hand_in(asking(*cases), build=build)


# --- answers and errors ---------------------------------------------------------------------------


def opaque() -> Any:
    class Own(keras.Model):
        def call(self, x: Any) -> Any:
            return x

    return Own()


def other_keras() -> Any:
    return type("Dense", (), {"__module__": "tf_keras.layers"})()


def other_version() -> Verdict:
    exercise = asking()
    given = answer(exercise, build=lambda: layers.Dense(1))
    return judge(exercise, replace(given, versions={**given.versions, "helper": "0.0"}))


def judge_failed() -> Verdict:
    """The target lacks the graph that the judge compares with."""
    return judge(asking(), answer(asking(), build=from_the_start), target=Target())


def a_model(x: Any, *more: Any) -> Any:
    return keras.Model([x, *more], layers.Dense(1)(x))


def called_again(a: Any) -> Any:
    dense = layers.Dense(1)
    return dense(layers.concatenate([dense(a), dense(a)]))


def another_input() -> Any:
    old, new = keras.Input((4,), name="x"), keras.Input((4,), name="x")
    return keras.Model(new, layers.Dense(1)(old))


def raised(code: str, **detail: Any) -> Verdict:
    """The verdict on an error that only some versions of Keras raise."""
    error = ErrorCase("ValueError", "no", "keras.Model(x, y)", 1, Cause(code, detail))
    return judge(asking(), replace(answer(asking()), values={"build": (error,)}))


def unreachable() -> Any:
    a, b = keras.Input((4,)), keras.Input((4,))
    return keras.Model(a, layers.add([a, b]))


def same_named_model() -> Any:
    x = keras.Input((4,))
    return keras.Model(x, layers.Dense(2, name="d")(layers.Dense(2, name="d")(x)))


def same_model() -> Any:
    x = keras.Input((4,))
    base = keras.Sequential([keras.Input((4,)), layers.Dense(4)])
    return keras.Model(x, layers.add([base(x), keras.models.clone_model(base)(x)]))


def keywords() -> Any:
    x = keras.Input((4,))
    return keras.Model(input=x, output=x)


ANSWERS: dict[str, Callable[[], Verdict]] = {
    "missing_name": lambda: hand_in(asking()),
    "stub": lambda: built(None),
    "gives_none": lambda: built(others.forgotten_return, VECTOR),
    "is_none": lambda: hand_in("introduction-compile", classifier=None, In=["classifier = f()"]),
    "not_a_function": lambda: built(3),
    "not_a_model": lambda: built(lambda: 3),
    "not_a_tensor": lambda: built(a_model, VECTOR),
    "not_called": lambda: built(lambda: layers.Dense(1)),
    "not_a_value": lambda: hand_in("introduction-disconnected", reason=object()),
    "opaque": lambda: built(opaque),
    "unbuilt": lambda: built(lambda: keras.Sequential([layers.Dense(1)])),
    "other_keras": lambda: built(other_keras),
    "judge_failed": judge_failed,
    "version": other_version,
    "join_moved": lambda: against(
        lambda a, b: layers.concatenate([layers.Dense(1)(a), layers.Dense(1)(b)]),
        lambda a, b: layers.Dense(1)(layers.concatenate([a, b])),
        PAIR,
    ),
    "nan_weights": lambda: trained(CLASSES, others.without_numbers(fitted(classifier()))),
    "closed_number": lambda: hand_in("introduction-count", parameters="many"),
    "closed_text": lambda: hand_in("introduction-disconnected", reason=3),
    "closed_list": lambda: hand_in("graphs-of-layers-sizes", heights=3),
    "error_exchanged": lambda: raised("exchanged"),
    "error_tensorflow": lambda: raised("tensorflow"),
    "closed": lambda: hand_in("introduction-disconnected", reason="a"),
    "error": lambda: built(lambda: 1 / 0),
    "error_keywords": lambda: built(keywords),
    "error_unreachable": lambda: built(unreachable),
    "error_uncalled": lambda: built(lambda x: layers.Dense(1)(layers.Dense(1)), VECTOR),
    "error_input_shape": lambda: built(lambda: keras.Input(shape=4)),
    "error_no_list": lambda: built(lambda a: layers.add(a), VECTOR),
    "error_again": lambda: built(called_again, VECTOR),
    "error_rank": lambda: built(lambda x: layers.LSTM(2)(x), VECTOR),
    "error_open_size": lambda: built(lambda: layers.Dense(1)(keras.Input((None,)))),
    "error_cut": lambda: raised("cut"),
    "error_unread": lambda: raised("unread", input="x"),
    "error_another_input": lambda: built(another_input),
    "error_join_shapes": lambda: built(
        lambda x: layers.concatenate([x, layers.Conv1D(3, 3)(x)]), SEQUENCE
    ),
    "error_join_ranks": lambda: built(
        lambda x: layers.concatenate([x, layers.LSTM(3)(x)]), SEQUENCE
    ),
    "error_shapes": lambda: built(lambda x: layers.add([x, layers.Dense(3)(x)]), VECTOR),
    "error_symbolic": lambda: built(lambda x: np.array(x), VECTOR),
    "error_same_name": lambda: built(same_named_model),
    "error_same_model": lambda: built(same_model),
    "error_slash": lambda: built(lambda x: layers.Dense(1, name="a/b")(x), VECTOR),
}

# --- differences between graphs -------------------------------------------------------------------


def stack(*steps: Any) -> Callable[..., Any]:
    """Return a function that calls new layers one after another."""

    def build(x: Any, *others: Any) -> Any:
        for kind, *arguments in steps:
            x = getattr(layers, kind)(*arguments)(x)
        return layers.concatenate([x, *others]) if others else x

    return build


def branches(read: str = "ab", order: str = "ab") -> Callable[..., Any]:
    """Return a function that gives a model of two branches, which read the inputs in this order."""

    def build() -> Any:
        inputs = {name: keras.Input((4,), name=name) for name in "ab"}
        first, second = (inputs[name] for name in read)
        joined = layers.subtract([layers.Dense(3)(first), layers.Dense(3, "relu")(second)])
        return keras.Model([inputs[name] for name in order], layers.Dense(1)(joined))

    return build


def one_branch() -> Any:
    x = keras.Input((4,), name="a")
    return keras.Model(x, layers.Dense(1)(layers.Dense(3)(x)))


def started_late() -> Any:
    x = keras.Input((4,), name="x")
    y = layers.Dense(3)(x)
    z = layers.Dense(2)(y)
    return keras.Model(y, z)


def from_the_start() -> Any:
    x = keras.Input((4,), name="x")
    return keras.Model(x, layers.Dense(2)(layers.Dense(3)(x)))


def named_input(name: str, size: int = 4) -> Callable[[], Any]:
    return lambda: a_model(keras.Input((size,), name=name))


def heads(*names: str) -> Callable[[], Any]:
    """Return a function that gives a model with an output of each of these names."""

    def build() -> Any:
        x = keras.Input((4,), name="x")
        sizes = {"p": 1, "q": 2, "r": 3}
        made = [layers.Dense(sizes.get(name, 1), name=name)(x) for name in names]
        return keras.Model(x, made if len(made) > 1 else made[0])

    return build


def twice(shared: bool) -> Callable[..., Any]:
    """Return a function that calls one layer on both inputs, or a layer of its own on each."""

    def build(a: Any, b: Any) -> Any:
        first = layers.Dense(3)
        second = first if shared else layers.Dense(3)
        return layers.subtract([first(a), second(b)])

    return build


def frozen(trainable: bool) -> Callable[[], Any]:
    def build() -> Any:
        model = keras.Sequential([keras.Input((4,)), layers.Dense(2)])
        model.trainable = trainable
        return model

    return build


DENSE = ("Dense", 3, "relu")
DIFFERENCES: dict[str, Callable[[], Verdict]] = {
    "missing": lambda: against(stack(DENSE, ("Dense", 2)), stack(("Dense", 2)), VECTOR),
    "extra": lambda: against(stack(("Dense", 2)), stack(DENSE, ("Dense", 2)), VECTOR),
    "replaced": lambda: against(stack(("LSTM", 3)), stack(("GRU", 3)), SEQUENCE),
    "setting": lambda: against(stack(("Dense", 3)), stack(("Dense", 4)), VECTOR),
    "wiring": lambda: against(branches("ab"), branches("aa")),
    "not_shared": lambda: against(twice(True), twice(False), PAIR),
    "shared": lambda: against(twice(False), twice(True), PAIR),
    "trainable": lambda: against(frozen(False), frozen(True)),
    "input_cut": lambda: against(from_the_start, started_late),
    "input_missing": lambda: against(branches(), one_branch),
    "input_extra": lambda: against(one_branch, branches()),
    "input_shape": lambda: against(named_input("x", 4), named_input("x", 5)),
    "input_order": lambda: against(branches(order="ab"), branches(order="ba")),
    "input_name": lambda: against(named_input("x"), named_input("z"), names=True),
    "output_missing": lambda: against(heads("p", "q"), heads("p")),
    "output_extra": lambda: against(heads("p"), heads("p", "q")),
    "output_order": lambda: against(heads("p", "q"), heads("q", "p")),
    "output_name": lambda: against(heads("p"), heads("s"), names=True),
}

# --- compiling, data and training -----------------------------------------------------------------

HEADS = {"p": "mean_squared_error", "q": "binary_crossentropy"}


def compiled(given: Mapping[str, Any] | None, **asked: Any) -> Verdict:
    """The verdict on a model with two heads that is compiled so; None for not at all."""
    net = heads("p", "q")()
    if given is not None:
        net.compile(**{"optimizer": "sgd", "loss": dict(HEADS), **given})
    part = Compiled("net", **{"optimizer": "sgd", "loss": HEADS, "outputs": tuple(HEADS), **asked})
    return hand_in(Exercise("own", (AskModel("net"),), (part,)), net=net)


def fed(given: Any, **changes: Any) -> Verdict:
    """The verdict on the introduction's two arrays as they were given to a model."""
    part = Fed("fed", ("x", "y"), "introduction", ("x", "y"), **changes)
    return hand_in(Exercise("own", (AskArrays("fed"),), (part,)), fed=given)


def training_data(**changes: Any) -> dict[str, Any]:
    return {**data("introduction"), **changes}


def targets(given: Any) -> Verdict:
    """The verdict on class numbers that are to be handed in as one-hot rows."""
    part = Fed("fed", ("y",), "several_inputs", ("answers",), container="dict", one_hot=500)
    return hand_in(Exercise("own", (AskArrays("fed"),), (part,)), fed={"y": given})


def two_models(first: Any, second: Any) -> Verdict:
    asks = (AskModel("a", weights=True), AskModel("b", weights=True))
    return hand_in(Exercise("own", asks, (SameWeights("a", "b"),)), a=first, b=second)


def trained(part: Trained, net: Any) -> Verdict:
    return hand_in(Exercise("own", (AskModel("net", weights=True),), (part,)), net=net)


def fitted(net: Any) -> Any:
    """The model after a step of training that changes nothing."""
    net.compile(keras.optimizers.SGD(0.0), "mean_squared_error")
    ones = [np.ones((1, *tensor.shape[1:])) for tensor in net.inputs]
    net.fit(ones, np.ones((1, *net.outputs[0].shape[1:])), verbose=0)
    return net


CLASSES = Trained("net", "introduction", "accuracy", floor=0.0, bar=1.01)


def classifier(classes: int = 10, inputs: int = 64) -> Any:
    return keras.Sequential([keras.Input((inputs,)), layers.Dense(classes, "softmax")])


def unread_input() -> Verdict:
    left, right = (keras.Input((16, 16), name=name) for name in ("left", "right"))
    out = layers.Dense(1)(layers.Flatten()(left))
    try:
        net = keras.Model([left, right], out)
    except ValueError:  # Keras up to 3.13: a model that reads nothing of an Input on the way
        zeros = layers.Lambda(lambda x: x[0])([out, layers.Flatten()(right)])
        net = keras.Model([left, right], zeros)
    part = Trained("net", "shared_layers", "mean_absolute_error", floor=1.0, bar=-1.0)
    return trained(part, fitted(net))


def exchanged_inputs() -> Verdict:
    """A model that is good, by a bar between the two figures, only with its inputs exchanged."""
    from beyond_sequential.course import metrics, sections
    from beyond_sequential.judge import PUBLIC_SEED

    held = sections.section("shared_layers").holdout(PUBLIC_SEED)
    means = {name: held[name].mean((1, 2))[:, None] for name in ("left", "right")}
    errors = {name: metrics.mean_absolute_error(mean, held["y"]) for name, mean in means.items()}
    worse, better = sorted(errors, key=lambda name: -errors[name])
    inputs = {name: keras.Input((16, 16), name=name) for name in ("left", "right")}
    # It reads the better input's tensor where the worse one's array goes in, and the reverse.
    read, other = inputs[worse], inputs[better]
    out = ops.mean(read, (1, 2)) + 0.0 * ops.mean(other, (1, 2))
    out = layers.Dense(1, use_bias=False, kernel_initializer="ones")(ops.expand_dims(out, -1))
    net = fitted(keras.Model(list(inputs.values()), out))
    bar = (errors[worse] + errors[better]) / 2
    part = Trained("net", "shared_layers", "mean_absolute_error", floor=2 * bar, bar=bar)
    return trained(part, net)


OTHERS: dict[str, Callable[[], Verdict]] = {
    "not_compiled": lambda: compiled(None),
    "compile": lambda: compiled({"optimizer": "adam"}),
    "compile_metric": lambda: compiled({}, metrics=("accuracy",)),
    "compile_none": lambda: compiled({}, loss_weights={"p": 1.0, "q": 2.0}),
    "compile_one_for_all": lambda: compiled({"loss": "mse"}),
    "compile_container": lambda: compiled({"loss": list(HEADS.values())}, container="dict"),
    "compile_key": lambda: compiled({"loss": {"p": "mse", "z": "mse"}}),
    "compile_head_missing": lambda: compiled({"loss": {"p": "mse"}}),
    "compile_order": lambda: compiled({"loss": list(HEADS.values())[::-1]}),
    "compile_head": lambda: compiled({"loss": {**HEADS, "p": "mae"}}),
    "metrics_flat": lambda: trained(
        Trained("net", "several_outputs", "accuracy", 0.5, 1.01, "y_gender", "p", ("p", "q")),
        flat_metrics(),
    ),
    "container": lambda: fed([1, 2], container="dict"),
    "keys": lambda: fed({"x": training_data()["x"]}),
    "length": lambda: fed([training_data()["x"]]),
    "swapped": lambda: fed([training_data()["y"], training_data()["x"]]),
    "not_one_hot": lambda: targets(data("several_inputs")["answers"]),
    "array_shape": lambda: fed(training_data(y=training_data()["y"][:5])),
    "array_zero": lambda: fed(training_data(y=0 * training_data()["y"])),
    "array_values": lambda: fed(training_data(y=training_data()["y"][::-1])),
    "same_object": lambda: same_object(),
    "weights_differ": lambda: two_models(classifier(), classifier()),
    "not_evaluated": lambda: trained(CLASSES, classifier(inputs=7)),
    "output_shape": lambda: trained(CLASSES, classifier(3)),
    "output_count": lambda: trained(replace(CLASSES, head="p", heads=("p", "q")), classifier()),
    "input_count": lambda: trained(CLASSES, branches()()),
    "never_trained": lambda: trained(CLASSES, classifier()),
    "unread_input": unread_input,
    "trained_swapped": exchanged_inputs,
    "training": lambda: trained(CLASSES, fitted(classifier())),
}


def same_object() -> Verdict:
    net = classifier()
    return two_models(net, net)


def flat_metrics() -> Any:
    x = keras.Input((32,), dtype="int32")
    vector = layers.GlobalAveragePooling1D()(layers.Embedding(10, 2)(x % 10))
    net = keras.Model(x, [layers.Dense(1, name=name)(vector) for name in "pq"])
    net.compile("sgd", loss={"p": "mse", "q": "mse"}, metrics=["mae"])
    return net


# --- which models and weights ---------------------------------------------------------------------


def base() -> Any:
    return keras.Sequential([keras.Input((4,)), layers.Dense(3)])


def on(model: Any) -> Any:
    x = keras.Input((4,), name="x")
    return keras.Model(x, layers.Dense(2)(model(x)))


def using(base: Any, net: Any, **options: Any) -> Verdict:
    """The verdict on a model that should be a Dense on a call of the model `base`."""
    asks = (AskModel("base"), AskFunction("build", cases=((), ())))
    exercise = Exercise("own-net", asks, (SameGraph("build", **options),))
    right = answer(exercise, base=base, build=lambda: on(base))
    target = target_of(exercise, right)
    return hand_in(exercise, target, base=base, build=net)


def chained(base: Any) -> Any:
    x = keras.Input((4,), name="x")
    return keras.Model(x, layers.Dense(2)(base.layers[-1](x)))


def own_in_training() -> Any:
    class Own(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.dense = layers.Dense(3)

        def call(self, x: Any, training: bool = False) -> Any:
            return self.dense(x) * 2 if training else self.dense(x)

    return Own()


def starting(**initializers: Any) -> Verdict:
    """The verdict on a model with an output `p` whose bias should start at 7."""
    x = keras.Input((4,))
    net = keras.Model(x, layers.Dense(2, name="p", **initializers)(x))
    ask = AskModel("net", weights=True)
    return hand_in(Exercise("own-net", (ask,), (Starts("net", "p", 7.0),)), net=net)


def moved() -> Verdict:
    eye = base()
    before, model = keras.models.clone_model(eye), fitted(on(eye))
    before.set_weights(eye.get_weights())
    asks = (AskModel("a", weights=True), AskModel("b", weights=True), AskModel("net"))
    exercise = Exercise("own-net", asks, (SameWeights("a", "b", unmoved_by="net"),))
    return hand_in(exercise, a=before, b=eye, net=model)


def constant() -> Verdict:
    first, second = base(), base()
    for model in (first, second):
        model.set_weights([0 * array for array in model.get_weights()])
    return two_models(first, second)


def named_inputs() -> Verdict:
    part = InputNames("net", ("a", "b"))
    return hand_in(Exercise("own-net", (AskModel("net"),), (part,)), net=from_the_start())


IDENTITY: dict[str, Callable[[], Verdict]] = {
    "other_model": lambda: using(base(), lambda: on(base()), calls=1, model="base"),
    "model_not_called": lambda: using(kept := base(), lambda: chained(kept), calls=1, model="base"),
    "not_own": lambda: using(kept := base(), lambda: on(kept), own=()),
    "in_training": lambda: against(stack(("Dense", 3)), lambda x: own_in_training()(x), VECTOR),
    "starts": lambda: starting(),
    "starts_elsewhere": lambda: starting(kernel_initializer=keras.initializers.Constant(7)),
    "no_head": lambda: starting(use_bias=False),
    "moved_by": moved,
    "weights_constant": constant,
    "input_names": named_inputs,
    "rounded": lambda: hand_in("introduction-chance", chance_loss=2.31),
}

EXAMPLES = {**ANSWERS, **DIFFERENCES, **OTHERS, **IDENTITY}
