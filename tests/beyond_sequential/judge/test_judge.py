"""From an answer to a verdict: what each part earns, and that nothing forged stops the judge."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from beyond_sequential import data
from beyond_sequential.answers.answer import Answer, GraphCase
from beyond_sequential.answers.capture import capture
from beyond_sequential.answers.files import load, save
from beyond_sequential.course import sections
from beyond_sequential.course.exercise import (
    AskArrays,
    AskFunction,
    AskModel,
    AskValue,
    Closed,
    Compiled,
    Exercise,
    Fed,
    SameGraph,
    Trained,
    canonical,
    digest,
)
from beyond_sequential.feedback import html, text
from beyond_sequential.findings.verdict import (
    JUDGE_FAILED,
    Mark,
    verdict_from_json,
    verdict_to_json,
)
from beyond_sequential.judge import PUBLIC_SEED, combine, judge
from beyond_sequential.judge.targets import (
    Target,
    load_target,
    target_from_json,
    target_of,
    target_to_json,
)
from tests.helpers.handing_in import against, answer, codes, hand_in, keras, layers, said


def dense_model(*steps, inputs=64):
    x = y = keras.Input((inputs,))
    for units, activation in steps:
        y = layers.Dense(units, activation=activation)(y)
    # Keras 3.13 makes no model whose output is its Input.
    return keras.Model(x, y if steps else layers.Identity()(x))


TWIN = ((32, "relu"), (32, "relu"), (10, "softmax"))


# --- outcomes -----------------------------------------------------------------------------------


def test_right():
    verdict = hand_in("introduction-twin", build_twin=lambda: dense_model(*TWIN))
    assert (verdict.outcome, verdict.fraction, verdict.findings) == ("right", 1.0, ())
    assert verdict.pictures == () and verdict.marks == (Mark("SameGraph", "build_twin", 1.0, 1.0),)


def test_partly_right():
    found = dense_model((32, "relu"), (32, None), (10, "softmax"))
    verdict = hand_in("introduction-twin", build_twin=lambda: found)
    assert verdict.outcome == "partly right" and 0 < verdict.fraction < 1
    assert len(verdict.pictures) == 1 and verdict.findings[0].picture == 0


def test_wrong():
    verdict = hand_in("introduction-twin", build_twin=lambda: dense_model((3, "tanh"), inputs=5))
    assert verdict.outcome == "wrong" and verdict.fraction == 0 and verdict.findings


@pytest.mark.parametrize("names", [{}, {"build_twin": None}, {"build_twin": lambda: None}])
def test_not_attempted_names_what_is_missing(names):
    verdict = hand_in("introduction-twin", **names)
    assert verdict.outcome == "not attempted" and verdict.fraction == 0
    assert "`build_twin`" in said(verdict) and "Not attempted" in said(verdict)


@pytest.mark.parametrize("id_", sorted(sections.exercises()))
def test_an_empty_notebook_has_attempted_nothing(id_):
    verdict = hand_in(id_)
    assert verdict.outcome == "not attempted" and verdict.fraction == 0
    for ask in sections.exercise(id_).asks:
        assert f"`{ask.name}`" in said(verdict)


def test_given_names_alone_are_no_attempt():
    """`sequential_model` is given in the notebook; only `twin` is the student's."""
    given_ = dense_model(*TWIN)
    verdict = hand_in("introduction-weights", sequential_model=given_, twin=None)
    assert verdict.outcome == "not attempted" and verdict.fraction == 0


def test_an_error_is_wrong_and_names_the_line():
    def build_twin():
        raise ValueError("my own mistake")

    verdict = hand_in("introduction-twin", build_twin=build_twin)
    assert verdict.outcome == "wrong" and codes(verdict) == ["error"]
    assert 'raise ValueError("my own mistake")' in said(verdict)


def test_one_part_of_two():
    verdict = hand_in("introduction-disconnected", reason="c")
    assert verdict.outcome == "partly right" and verdict.fraction == 0.5
    assert "`connected_model`" in said(verdict)
    assert [(mark.name, mark.share) for mark in verdict.marks] == [
        ("reason", 0.5),
        ("connected_model", 0.5),
    ]


def test_weights_of_parts():
    exercise = Exercise(
        "own",
        (AskValue("a"), AskValue("b")),
        (
            Closed("a", (digest("own", 1),), weight=3.0),
            Closed("b", (digest("own", 2),), weight=1.0),
        ),
    )
    assert hand_in(exercise, a=1, b=1).fraction == 0.75
    assert hand_in(exercise, a=2, b=2).fraction == 0.25


def test_what_words_say_agrees_with_the_fraction():
    verdict = hand_in("introduction-disconnected", reason="c")
    assert text.points_of(verdict, 3) == 1.5
    assert "1.5 of 3" in text.verdict_text(verdict, 3)
    assert text.points_of(verdict, 2) == 1 and isinstance(text.points_of(verdict, 2), int)


# --- graphs -------------------------------------------------------------------------------------


def test_a_function_must_hold_for_every_case():
    """Right at 32 features, wrong at 8: the worst case decides."""

    def one_layer(inputs):
        return layers.Dense(32, activation="relu" if inputs.shape[-1] == 32 else None)(inputs)

    verdict = hand_in("introduction-layer", one_layer=one_layer)
    assert verdict.fraction < 1 and codes(verdict) == ["setting"]


def test_the_same_mistake_in_every_case_is_said_once():
    verdict = hand_in("introduction-layer", one_layer=lambda x: layers.Dense(32)(x))
    assert codes(verdict) == ["setting"] and len(verdict.pictures) == 1


def test_more_mistakes_earn_less():
    wrong = [
        dense_model((32, "relu"), (32, "relu"), (10, None)),
        dense_model((32, "relu"), (32, None), (10, None)),
        dense_model((32, None), (32, None), (10, None)),
    ]
    earned = [hand_in("introduction-twin", build_twin=lambda m=m: m).fraction for m in wrong]
    assert earned == sorted(earned, reverse=True) and len(set(earned)) == 3 and earned[0] < 1


def test_a_function_that_ignores_its_argument():
    def one_layer(inputs):
        return layers.Dense(32, activation="relu")(keras.Input((32,)))

    assert hand_in("introduction-layer", one_layer=one_layer).fraction < 1


def test_a_given_tensor_handed_back():
    assert hand_in("introduction-layer", one_layer=lambda inputs: inputs).fraction == 0


def qa(read, join):
    text = keras.Input((100,), dtype="int32", name="text")
    question = keras.Input((100,), dtype="int32", name="question")
    return keras.Model([text, question], join(*read(text, question)))


def nothing_read(text, question):
    return text, question


@pytest.mark.parametrize(
    ("id_", "names"),
    [
        ("introduction-layer", {"one_layer": lambda inputs: inputs}),
        ("introduction-layer", {"one_layer": lambda inputs: layers.Flatten()(inputs)}),
        ("introduction-twin", {"build_twin": lambda: dense_model()}),
        ("introduction-compile", {"classifier": lambda: dense_model()}),
        ("several-inputs-branches", {"text_branch": lambda x: x, "question_branch": lambda x: x}),
        ("several-inputs-model", {"build_qa_model": lambda: qa(nothing_read, lambda t, q: t)}),
        ("several-inputs-model", {"build_qa_model": lambda: qa(nothing_read, lambda t, q: [t, q])}),
    ],
)
def test_nothing_done_earns_nothing(id_, names):
    """A model that hands its input on has none of the layers that are asked for."""
    if id_ == "introduction-compile":
        names = {name: make() for name, make in names.items()}
    verdict = hand_in(id_, **names)
    assert verdict.fraction == 0, said(verdict)


def test_more_right_never_earns_less():
    """Layer by layer towards the solution."""
    steps = [
        (),
        ((10, "softmax"),),
        ((32, "relu"), (10, "softmax")),
        ((32, "relu"), (32, None), (10, "softmax")),
        TWIN,
    ]
    made = [dense_model(*step) for step in steps]
    earned = [hand_in("introduction-twin", build_twin=lambda m=m: m).fraction for m in made]
    assert earned == sorted(earned) and earned[0] == 0 and earned[-1] == 1, earned


# --- weights ------------------------------------------------------------------------------------


def test_copied_weights():
    first, second = dense_model(*TWIN), dense_model(*TWIN)
    different = hand_in("introduction-weights", sequential_model=first, twin=second)
    assert (different.outcome, codes(different)) == ("wrong", ["weights_differ"])
    second.set_weights(first.get_weights())
    assert hand_in("introduction-weights", sequential_model=first, twin=second).fraction == 1


def test_weights_of_other_shapes():
    verdict = hand_in(
        "introduction-weights",
        sequential_model=dense_model(*TWIN),
        twin=dense_model((32, "relu"), (10, "softmax")),
    )
    assert (verdict.fraction, codes(verdict)) == (0.0, ["weights_differ"])


def test_not_a_number_equals_nothing():
    first, second = dense_model((2, None), inputs=2), dense_model((2, None), inputs=2)
    for model in (first, second):
        model.set_weights([np.full(w.shape, np.nan) for w in model.get_weights()])
    assert hand_in("introduction-weights", sequential_model=first, twin=second).fraction == 0


def test_one_model_under_two_names_is_no_copy():
    model = dense_model(*TWIN)
    verdict = hand_in("introduction-weights", sequential_model=model, twin=model)
    assert verdict.fraction < 1


def test_two_models_without_weights_are_no_copy():
    x = keras.Input((4,))
    first, second = keras.Model(x, layers.ReLU()(x)), keras.Model(x, layers.ReLU()(x))
    assert hand_in("introduction-weights", sequential_model=first, twin=second).fraction < 1


def test_equal_weights_in_another_graph_are_no_twin():
    """Without the activations it is another function, whatever the weights."""
    first = dense_model(*TWIN)
    second = dense_model((32, None), (32, None), (10, None))
    second.set_weights(first.get_weights())
    assert hand_in("introduction-weights", sequential_model=first, twin=second).fraction < 1


# --- compile ------------------------------------------------------------------------------------

COMPILED = Exercise(
    "own-compiled",
    (AskModel("net"),),
    (Compiled("net", optimizer="rmsprop", loss="categorical_crossentropy", metrics=("accuracy",)),),
)


def compiled(optimizer="rmsprop", loss="categorical_crossentropy", metrics=("accuracy",)):
    net = dense_model((3, "softmax"), inputs=4)
    net.compile(optimizer, loss, metrics=list(metrics))
    return hand_in(COMPILED, net=net)


@pytest.mark.parametrize(
    "options",
    [
        lambda: {},
        lambda: {"optimizer": keras.optimizers.RMSprop()},
        lambda: {"optimizer": "RMSprop"},
        lambda: {"loss": keras.losses.CategoricalCrossentropy()},
        lambda: {"loss": keras.losses.categorical_crossentropy},
        lambda: {"loss": ["categorical_crossentropy"]},
        lambda: {"loss": "CategoricalCrossentropy"},
        lambda: {"metrics": ["acc"]},
        lambda: {"metrics": [keras.metrics.CategoricalAccuracy()]},
        lambda: {"metrics": ["mae", "accuracy"]},
    ],
)
def test_compiled_in_any_spelling(options):
    verdict = compiled(**options())
    assert verdict.fraction == 1, said(verdict)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (lambda: {"optimizer": "adam"}, "compile"),
        (lambda: {"loss": "binary_crossentropy"}, "compile"),
        (lambda: {"loss": "sparse_categorical_crossentropy"}, "compile"),
        (lambda: {"loss": keras.losses.CategoricalCrossentropy(from_logits=True)}, "compile"),
        (lambda: {"loss": lambda y, p: keras.ops.mean(y - p)}, "compile"),
        (lambda: {"metrics": ["mae"]}, "compile_metric"),
        (lambda: {"metrics": []}, "compile_metric"),
    ],
)
def test_compiled_otherwise(options, code):
    verdict = compiled(**options())
    assert codes(verdict) == [code] and abs(verdict.fraction - 2 / 3) < 0.001


HEADS = {"a": "mean_squared_error", "b": "binary_crossentropy"}


@pytest.mark.parametrize(
    ("given", "code", "words"),
    [
        ({"loss": {"a": "mse"}}, "compile_head_missing", "never trains"),
        ({"loss_weights": {"a": 1}}, "compile_head_missing", "the weight 1"),
    ],
)
def test_compiled_without_a_word_for_one_head(given, code, words):
    x = keras.Input((4,))
    net = keras.Model(x, [layers.Dense(1, name=name)(x) for name in HEADS])
    net.compile("sgd", **{"loss": HEADS, "loss_weights": {"a": 1, "b": 2}, **given})
    exercise = Exercise(
        "own-heads",
        asks=(AskModel("net"),),
        parts=(Compiled("net", loss=HEADS, loss_weights={"a": 1, "b": 2}, outputs=tuple(HEADS)),),
    )
    verdict = hand_in(exercise, net=net)
    assert codes(verdict) == [code] and verdict.fraction == 0.75
    assert words in said(verdict)


def test_not_compiled():
    verdict = hand_in(COMPILED, net=dense_model((3, "softmax"), inputs=4))
    assert (verdict.fraction, codes(verdict)) == (0.0, ["not_compiled"])


# --- closed questions ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value", [3466, 3466.0, np.int64(3466), np.float32(3466), np.array([3466])]
)
def test_a_closed_answer_in_any_type(value):
    verdict = hand_in("introduction-count", parameters=value)
    assert verdict.fraction == 1, said(verdict)


@pytest.mark.parametrize("value", [0, -3466, 3467, "many", True, [3466], {"a": 1}, float("nan")])
def test_another_closed_answer(value):
    verdict = hand_in("introduction-count", parameters=value)
    assert (verdict.outcome, codes(verdict)) == ("wrong", ["closed"])
    assert "biases" in said(verdict) or "bias" in said(verdict)


@pytest.mark.parametrize(
    ("value", "words"), [(64 * 32 + 32 * 32 + 32 * 10, "has a bias"), (330, "last layer alone")]
)
def test_a_foreseen_wrong_answer_is_told_what_it_is(value, words):
    assert words in said(hand_in("introduction-count", parameters=value))


@pytest.mark.parametrize("value", [-np.log(0.1), np.log(10), 2.3, 2.30, 2.303, np.float32(2.3026)])
def test_the_loss_of_a_shrug_rounded_or_not(value):
    assert hand_in("introduction-chance", chance_loss=value).fraction == 1


@pytest.mark.parametrize(
    ("value", "words"), [(-2.3026, "sign"), (0.1, "probability"), (1.0, "base 10"), (5.0, "minus")]
)
def test_another_loss_of_a_shrug(value, words):
    verdict = hand_in("introduction-chance", chance_loss=value)
    assert verdict.fraction == 0 and words in said(verdict)


@pytest.mark.parametrize("value", [1 / 3, 0.33, 0.333, np.float64(1 / 3)])
def test_blind_accuracy(value):
    assert hand_in("several-inputs-blind", blind_accuracy=value).fraction == 1


@pytest.mark.parametrize("value", ["c", "C", " c "])
def test_letters_in_any_case(value):
    assert hand_in("introduction-disconnected", reason=value).fraction == 0.5


def test_canonical_values_are_told_apart():
    values = [1, 2, "a", "b", [1, 2], [2, 1], [[1], 2], {"a": 1}, {"b": 1}, None, True, False, ""]
    assert len({canonical(value) for value in values}) == len(values)
    assert canonical(1) == canonical(1.0) and canonical(-0.0) == canonical(0)
    assert canonical((1, 2)) == canonical([1, 2])


# --- data ---------------------------------------------------------------------------------------

FED = Exercise(
    "own-fed",
    (AskArrays("fed"),),
    (Fed("fed", ("x", "y"), "introduction", ("x", "y")),),
)


@pytest.mark.parametrize(
    ("make", "fraction", "code"),
    [
        (lambda x, y: [x, y], 1, None),
        (lambda x, y: (x, y), 1, None),
        (lambda x, y: {"y": y, "x": x}, 1, None),
        (lambda x, y: [x.astype("float64"), y.astype("int32")], 1, None),
        (lambda x, y: [keras.ops.convert_to_tensor(x), y], 1, None),
        (lambda x, y: [x, y[::-1]], 0.5, "array_values"),
        (lambda x, y: [x, y[:10]], 0.5, "array_shape"),
        (lambda x, y: [x], 0, "length"),
        (lambda x, y: x, 0, "length"),
        (lambda x, y: {"x": x}, 0, "keys"),
        (lambda x, y: {"x": x, "z": y}, 0, "keys"),
        (lambda x, y: {}, 0, "keys"),
    ],
)
def test_fed(make, fraction, code):
    verdict = hand_in(FED, fed=make(*data("introduction").values()))
    assert verdict.fraction == fraction, said(verdict)
    assert codes(verdict) == ([] if code is None else [code])
    assert "{" not in said(verdict)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda x, y: [x], ["one for each output: 2"]),
        (lambda x, y: {"x": x, "z": y}, ["names of the output layers"]),
    ],
)
def test_fed_targets_are_told_about_outputs(make, words):
    exercise = replace(FED, parts=(replace(FED.parts[0], side="outputs"),))
    told = said(hand_in(exercise, fed=make(*data("introduction").values())))
    assert all(word in told for word in words) and "nput" not in told


# --- training -----------------------------------------------------------------------------------


def right_on(share, seed=PUBLIC_SEED, **bounds):
    """A verdict on a model that is right on about this share of a holdout.

    One Dense layer tells three classes apart from a one-hot input; the metric is faked by a part
    whose floor and bar are what counts.
    """
    exercise = Exercise(
        "own-trained",
        (AskModel("net", weights=True),),
        (Trained("net", "introduction", "accuracy", **bounds),),
    )
    return judge(exercise, oracle(exercise, share), seed, target=Target())


@pytest.fixture(scope="module")
def holdout():
    return sections.section("introduction").holdout(PUBLIC_SEED)


def oracle(exercise, share):
    """Weights that a training could not find better: each class's direction and its opposite."""
    classes = sections.section("introduction")._DIRECTIONS
    known = round(share * 10)
    x = keras.Input((64,))
    hidden = layers.Dense(20, activation="relu")(x)
    net = keras.Model(x, layers.Dense(10, activation="softmax")(hidden))
    both = np.concatenate([classes, -classes]).T / 64
    out = np.concatenate([np.eye(10), np.eye(10)]) * 20
    bias = np.zeros(10)
    bias[known:] = -1e6  # classes that it never names
    net.set_weights([both, np.zeros(20), out, bias])
    net.compile("rmsprop", "categorical_crossentropy")
    net.optimizer.iterations.assign(8)  # as after training
    return answer(exercise, net=net)


@pytest.mark.parametrize(
    ("share", "fraction"),
    [(0.1, 0), (0.4, 0), (0.5, 0.25), (0.6, 0.5), (0.7, 0.75), (0.8, 1), (1.0, 1)],
)
def test_training_earns_in_steps_from_the_floor_to_the_bar(share, fraction):
    """A tenth of the classes is a tenth of the accuracy; a hair above, so that steps are clear."""
    verdict = right_on(share, floor=0.401, bar=0.7999)
    assert verdict.fraction == fraction
    if fraction < 1:
        assert codes(verdict) == ["training"]
        assert f"{share:.0%}" in said(verdict) and "80%" in said(verdict)


def test_between_two_steps_the_higher_one_counts_but_full_marks_need_the_bar():
    assert right_on(0.5, floor=0.49, bar=0.81).fraction == 0.25
    assert right_on(0.6, floor=0.41, bar=0.81).fraction == 0.5
    assert right_on(0.8, floor=0.41, bar=0.81).fraction == 0.75


def test_training_is_the_same_each_time_and_for_another_seed():
    one, again = right_on(0.6, floor=0.4, bar=0.9), right_on(0.6, floor=0.4, bar=0.9)
    assert verdict_to_json(one) == verdict_to_json(again)
    assert right_on(1.0, seed=7, floor=0.4, bar=0.9).outcome == "right"


def test_the_seed_draws_the_holdout():
    module = sections.section("introduction")
    assert (module.holdout(1)["x"] != module.holdout(2)["x"]).any()


def test_an_error_is_better_if_lower():
    exercise = Exercise(
        "own-trained",
        (AskModel("net", weights=True),),
        (Trained("net", "introduction", "cross_entropy", floor=np.log(10), bar=0.5),),
    )
    good = judge(exercise, oracle(exercise, 1.0), target=Target())
    bad = judge(exercise, oracle(exercise, 0.1), target=Target())
    assert good.fraction == 1 and bad.fraction == 0


def test_an_untrained_model_earns_nothing():
    verdict = hand_in("introduction-training", classifier=dense_model(*TWIN))
    assert verdict.fraction == 0 and len(verdict.findings) == 1
    assert "`classifier`" in said(verdict)


def test_weights_that_are_not_numbers_earn_nothing():
    net = dense_model(*TWIN)
    net.set_weights([np.full(w.shape, np.nan) for w in net.get_weights()])
    verdict = hand_in("introduction-training", classifier=net)
    assert verdict.fraction == 0
    json.dumps(verdict_to_json(verdict))


def test_a_holdout_learned_by_a_constant_earns_nothing():
    """A model that reads nothing but a bias is at chance."""
    net = dense_model((10, "softmax"))
    net.set_weights([np.zeros((64, 10)), np.arange(10.0)])
    assert hand_in("introduction-training", classifier=net).fraction == 0


@pytest.mark.parametrize(
    ("net", "code"),
    [
        (lambda: dense_model((3, "softmax")), "output_shape"),
        (lambda: dense_model((10, "softmax"), inputs=7), "not_evaluated"),
        (
            lambda: keras.Sequential([keras.Input((64,)), layers.Lambda(lambda x: x)]),
            "not_evaluated",
        ),
    ],
)
def test_a_model_that_does_not_fit_the_holdout(net, code):
    verdict = hand_in("introduction-training", classifier=net())
    assert (verdict.fraction, codes(verdict)) == (0.0, [code])


# --- targets and verdicts as data ---------------------------------------------------------------


def test_a_target_holds_graphs_alone():
    exercise = sections.exercise("introduction-twin")
    target = target_of(exercise, answer(exercise, build_twin=lambda: dense_model(*TWIN)))
    assert set(target.graphs) == {"build_twin"} and len(target.graphs["build_twin"]) == 1
    assert target_from_json(json.loads(json.dumps(target_to_json(target)))) == target
    assert target_of(sections.exercise("introduction-count"), answer("introduction-count")) is None


def test_a_solution_without_a_graph_makes_no_target():
    exercise = sections.exercise("introduction-twin")
    for names in ({}, {"build_twin": lambda: 1 / 0}, {"build_twin": lambda: None}):
        with pytest.raises(ValueError, match="build_twin"):
            target_of(exercise, answer(exercise, **names))


def some_verdicts():
    yield hand_in("introduction-twin", build_twin=lambda: dense_model(*TWIN[:2]))
    yield hand_in("introduction-disconnected", reason="a")
    yield hand_in("several-inputs-feeding", inputs_list=[1], inputs_dict={}, targets=[[0]])
    yield hand_in("introduction-training", classifier=dense_model(*TWIN))
    yield against(lambda: dense_model((3, None)), lambda: dense_model((4, "relu")))


def test_verdicts_survive_json():
    for verdict in some_verdicts():
        again = verdict_from_json(json.loads(json.dumps(verdict_to_json(verdict))))
        assert verdict_to_json(again) == verdict_to_json(verdict)
        assert text.verdict_text(again, 2) == text.verdict_text(verdict, 2)
        assert html.verdict_html(again, 2) == html.verdict_html(verdict, 2)


def test_an_answer_from_a_file_is_judged_as_in_the_notebook(tmp_path):
    exercise = sections.exercise("introduction-weights")
    twin = dense_model(*TWIN)
    made = answer(exercise, sequential_model=twin, twin=twin)
    save(made, tmp_path / "a.answer")
    wanted, found = judge(exercise, made), judge(exercise, load(tmp_path / "a.answer"))
    assert verdict_to_json(wanted) == verdict_to_json(found)


def test_each_graph_exercise_is_solved_by_its_target():
    """The targets that the course was built with are right by their own measure."""
    for id_, exercise in sections.exercises().items():
        if not any(isinstance(part, SameGraph) for part in exercise.parts):
            continue

        graphs = load_target(id_).graphs
        values = {name: tuple(map(GraphCase, cases)) for name, cases in graphs.items()}
        verdict = judge(exercise, Answer(id_, values, answer(id_).versions))
        shares = [mark.fraction for mark in verdict.marks if mark.part == "SameGraph"]
        assert shares and all(share == 1 for share in shares), said(verdict)


# --- a judge that fails -------------------------------------------------------------------------


def test_a_failure_of_the_judge_is_logged_and_told_as_such(monkeypatch, caplog, capsys):
    """The other part counts; the one that could not be judged is neither right nor wrong."""
    monkeypatch.setitem(combine.JUDGES, SameGraph, lambda part, evidence: 1 / 0)
    named = {"reason": "c", "connected_model": lambda: dense_model(*TWIN)}
    verdict = hand_in("introduction-disconnected", **named)
    assert verdict.outcome == JUDGE_FAILED and verdict.fraction == 0.5
    assert codes(verdict) == ["judge_failed"] and "`connected_model`" in said(verdict)
    assert "not in your answer" in said(verdict) and "Not judged" in said(verdict)
    assert "ZeroDivisionError" in caplog.text and "introduction-disconnected" in caplog.text
    assert capsys.readouterr() == ("", "")
    again = verdict_from_json(json.loads(json.dumps(verdict_to_json(verdict))))
    assert html.verdict_html(again, 2) == html.verdict_html(verdict, 2)


def test_an_answer_to_another_exercise_earns_nothing():
    """A right answer handed over under the name of another exercise."""
    made = answer("introduction-count", parameters=3466)
    assert judge(sections.exercise("introduction-chance"), made).fraction == 0


# --- the rubric


def listeners(sharing=True, units=8, wired=True):
    """Two recordings heard by one LSTM (or two), and what is made of both."""
    left, right = (keras.Input((6, 4), name=name) for name in ("left", "right"))
    ears = [layers.LSTM(units) for _ in range(1 if sharing else 2)]
    heard = [ears[0](left), ears[-1](right if wired else left)]
    if not wired:
        heard[1] = layers.add([heard[1], layers.LSTM(8)(right)])
    return keras.Model(
        [left, right], layers.Dense(1, activation="sigmoid")(layers.concatenate(heard))
    )


@pytest.mark.parametrize(
    ("found", "point", "rubric", "fraction"),
    [
        ({"units": 9}, None, {"settings": (1, 0.25)}, 0.75),
        ({"sharing": False}, None, {"sharing": (1, 0.5)}, 0.5),
        ({"sharing": False}, "sharing", {"sharing": (1, 1.0)}, 0.0),
        ({"units": 9}, "sharing", {"settings": (1, 0.25)}, 0.75),
        ({"sharing": False, "units": 9}, None, {"sharing": (1, 0.5), "settings": (1, 0.25)}, 0.25),
    ],
)
def test_the_rubric_says_how_the_points_come_about(found, point, rubric, fraction):
    verdict = against(listeners, lambda: listeners(**found), point=point)
    (mark,) = verdict.marks
    told = {category: (count, cost) for category, count, cost in mark.rubric if count}
    assert told == rubric and verdict.fraction == mark.fraction == fraction
    assert f"`build` earns {fraction:.0%}: layers, inputs and outputs ✓, wiring ✓" in said(verdict)
    for category, (_, cost) in rubric.items():
        assert f"{category} −{cost:.0%}" in said(verdict)
        assert f"{category} −{cost:.0%}" in html.verdict_html(verdict, 2)


def test_two_instances_earn_nothing_where_sharing_is_the_point():
    def side_by_side(left, right):
        codes = layers.concatenate([layers.LSTM(32)(left), layers.LSTM(32)(right)])
        return layers.Dense(1, activation="sigmoid")(codes)

    verdict = hand_in("shared-layers-twice", side_by_side=side_by_side)
    assert codes(verdict) == ["not_shared"] and verdict.fraction == 0


def test_a_mistake_that_shows_in_two_parts_is_told_once():
    def eye(pooling):
        x = keras.Input((8, 8, 1))
        y = layers.Conv2D(4, 3)(x)
        return keras.Model(x, pooling()(y))

    def pair(eye):
        views = [keras.Input((8, 8, 1)) for _ in range(2)]
        return keras.Model(views, layers.Dense(1)(layers.concatenate([eye(v) for v in views])))

    def both(pooling):
        made = eye(pooling)
        return {"eye": lambda: made, "pair": lambda: pair(made)}

    exercise = Exercise(
        "own-parts",
        (AskFunction("eye"), AskFunction("pair")),
        (SameGraph("eye"), SameGraph("pair")),
    )
    target = target_of(exercise, answer(exercise, **both(layers.GlobalAveragePooling2D)))
    verdict = hand_in(exercise, target, **both(layers.GlobalMaxPooling2D))
    assert codes(verdict) == ["replaced"] and verdict.fraction == 0.5
    assert len(verdict.pictures) == 1
    assert [mark.fraction for mark in verdict.marks] == [0.5, 0.5]
    assert "`pair` earns 50%" in said(verdict)
    unlike = {**both(layers.GlobalMaxPooling2D), "pair": lambda: pair(eye(layers.Flatten))}
    assert codes(hand_in(exercise, target, **unlike)) == ["replaced", "replaced"]


def test_a_mistake_in_a_model_that_is_called_twice_is_one_mistake():
    def siamese(*more):
        encoder = keras.Sequential([keras.Input((8,)), layers.Dense(4), *more])
        left, right = keras.Input((8,)), keras.Input((8,))
        both = layers.concatenate([encoder(left), encoder(right)])
        return keras.Model([left, right], layers.Dense(1)(both))

    exercise = Exercise("own-siamese", (AskFunction("build"),), (SameGraph("build"),))
    target = target_of(exercise, capture(exercise, {"build": siamese}))
    wrong = capture(exercise, {"build": lambda: siamese(layers.UnitNormalization())})
    verdict = judge(exercise, wrong, target=target)
    assert codes(verdict) == ["extra"] and verdict.fraction == 0.5
    assert "build · Functional" in html.verdict_html(verdict, 1)
