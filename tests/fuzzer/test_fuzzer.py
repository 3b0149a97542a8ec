"""The fuzzer on a few hundred models, and whether the fuzzer itself knows right from wrong."""

from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from benchmarks import accuracy
from beyond_sequential.compare import Difference, compare
from beyond_sequential.course.exercise import Closed, SameWeights, Trained
from beyond_sequential.findings.verdict import Verdict
from beyond_sequential.model.graph import from_json, to_json
from tests.fuzzer import arrays, compiled, exercises, other_parts, run
from tests.fuzzer.generate import generate
from tests.fuzzer.kinds import KINDS, CannotBuild, full_config
from tests.fuzzer.mutations import MUTATIONS, sites, some_sites
from tests.fuzzer.oracle import same
from tests.fuzzer.recipe import MAIN, Body, Entry, LayerConfig, Recipe, Step
from tests.fuzzer.respell import respell

SLICE = 150


@pytest.fixture(scope="module")
def tally():
    return accuracy.run(2007, list(range(SLICE)), keras=0)


def test_the_judge_is_right_on_a_slice(tally):
    assert accuracy.missed(tally) == []


def test_the_slice_holds_all_kinds_of_mistakes(tally):
    """But for the rarest; random outputs have no names."""
    assert len(MUTATIONS.keys() - tally.rows.keys()) <= 3
    assert tally.equal < 0.2 * tally.total.tried


@pytest.mark.parametrize("kind", ["SpatialDropout1D", "SpatialDropout2D"])
def test_the_fuzzer_calls_no_layer_on_a_rank_that_keras_refuses(kind):
    with pytest.raises(CannotBuild):
        KINDS[kind].shape({"rate": 0.2}, [(6,)])


def test_a_recipe_is_generated_where_a_window_is_wider_than_what_an_input_holds():
    assert run.recipe_of(0, 3986).body.steps


@settings(max_examples=60, deadline=None)
@drawn(st.randoms(use_true_random=False), st.integers(1, 10), st.integers(0, 999))
def test_every_spelling_is_the_same_model(chance, size, seed):
    recipe = generate(chance, size)
    for target, turn in run.RESPELLINGS[:2]:
        trial = run.respelled(recipe, str(seed), target, turn, 0)
        assert trial.outcome == "right", trial.said


def test_keras_builds_what_the_fuzzer_writes():
    """Capture sees the same graphs, Keras computes the same numbers, the verdicts are the same."""
    from tests.fuzzer.keras_models import keras_trials_of  # imports Keras

    for number in range(6):
        for trial in keras_trials_of(run.recipe_of(11, number), f"11/{number}", number):
            assert trial.outcome in ("right", "equal"), trial


# --- the exercises of the course --------------------------------------------------------------

EXERCISES = [
    pytest.param(case, id=f"{case[0].id}-{case[1].name}-{case[2]}") for case in exercises.cases()
]


@pytest.mark.parametrize("case", EXERCISES)
def test_an_exercise_takes_its_solution_in_every_spelling(case):
    assert list(exercises.rejected(case, 6)) == []


@pytest.mark.parametrize("case", EXERCISES)
def test_an_exercise_lets_no_mistake_through(case):
    assert list(exercises.let_through(case, 2)) == []


COMPILED = [pytest.param(*case, id=f"{case[0].id}-{case[1].name}") for case in compiled.cases()]


@pytest.mark.parametrize(("exercise", "part"), COMPILED)
def test_an_exercise_on_compile_sees_every_mistake_and_no_more(exercise, part):
    for settings_ in compiled.respelled(part):
        assert compiled.verdict(exercise, part, settings_).outcome == "right", settings_
    for word, settings_ in compiled.mutated(part):
        assert compiled.verdict(exercise, part, settings_).outcome != "right", word


FED = [pytest.param(*case, id=f"{case[0].id}-{case[1].name}") for case in arrays.cases()]


@pytest.mark.parametrize(("exercise", "part"), FED)
def test_an_exercise_on_data_sees_every_mistake_and_no_more(exercise, part):
    for given in arrays.respelled(part):
        assert arrays.verdict(exercise, part, given).outcome == "right"
    for word, given in arrays.mutated(part):
        assert arrays.verdict(exercise, part, given).outcome != "right", word


CLOSED, CARRIED, TRAINED = (
    [pytest.param(*case, id=f"{case[0].id}-{n}") for n, case in enumerate(other_parts.cases(kind))]
    for kind in (Closed, SameWeights, Trained)
)


@pytest.mark.parametrize(("exercise", "part"), CLOSED)
def test_a_closed_question_takes_its_answers_alone(exercise, part):
    assert len(other_parts.accepted(exercise, part, other_parts.GUESSES)) <= len(part.answers)
    assert not other_parts.accepted(exercise, part, other_parts.NOTHING)


@pytest.mark.parametrize(("exercise", "part"), CARRIED)
def test_an_exercise_on_weights_sees_every_mistake_and_no_more(exercise, part):
    assert other_parts.carried(exercise, part, other_parts.weights()).outcome == "right"
    assert other_parts.carried(exercise, part, other_parts.weights(), identity=0).outcome == "wrong"
    for word, given in other_parts.not_carried():
        assert other_parts.carried(exercise, part, given).outcome != "right", word


@pytest.mark.parametrize(("exercise", "part"), TRAINED)
def test_an_exercise_on_training_sees_what_has_learned_nothing(exercise, part, monkeypatch):
    assert (
        other_parts.trained(exercise, part, other_parts.learned(part), monkeypatch).outcome
        == "right"
    )
    for word, predicted in other_parts.not_learned(part):
        assert other_parts.trained(exercise, part, predicted, monkeypatch).fraction == 0, word


@settings(max_examples=60, deadline=None)
@drawn(st.randoms(use_true_random=False), st.integers(2, 12), st.integers(0, 999))
def test_several_mistakes_are_found_in_places_that_exist(chance, size, seed):
    recipe = wrong = generate(chance, size)
    for mutation in chance.sample(sorted(MUTATIONS), 3):
        for mutant in some_sites(wrong, mutation, chance, 1):
            wrong = mutant.recipe
    target, found = respell(recipe).graph, respell(wrong, str(seed)).graph
    for difference in compare(target, found):
        assert Difference.from_json(json.loads(json.dumps(difference.to_json()))) == difference
        for graph, places in ((target, difference.expected), (found, difference.found)):
            assert all(layer_at(graph, place).name == place.name for place in places)


def layer_at(graph, place):
    """The layer called at a place."""
    body = graph.body
    for number in place.path:
        layer = graph.layers[body.calls[number].layer]
        body = layer.body
    return layer


def test_an_exercise_that_sees_nothing_is_detected(monkeypatch):
    def judge(exercise, answer, target):
        return Verdict(exercise.id, "right", 1.0)

    monkeypatch.setattr(exercises, "judge", judge)
    case = next(p.values[0] for p in EXERCISES if p.id.startswith("several-inputs-model"))
    assert len(list(exercises.let_through(case, 1))) > 20


# --- does the fuzzer know right from wrong? ---------------------------------------------------


def model(*layers, reads=None, outputs=None):
    """Dense layers in a row, or as `reads` says; each layer is (key, settings)."""
    made = {key: LayerConfig("Dense", full_config("Dense", **given)) for key, given in layers}
    reads = reads or ["i", *(f"s{n}" for n in range(len(layers) - 1))]
    rows = tuple(
        Step(f"s{n}", key, ((read, 0),))
        for n, ((key, _), read) in enumerate(zip(layers, reads, strict=True))
    )
    ends = tuple((uid, 0) for uid in outputs or [rows[-1].uid])
    names = tuple(f"out_{n}" for n in range(len(ends)))
    return Recipe({MAIN: Body((Entry("i", (4,)),), rows, ends)}, made, names)


def test_the_oracle_sees_what_inference_does_not():
    plain = model(("a", {"units": 4}))
    (frozen,) = sites(plain, "other_freezing")
    (priced,) = sites(plain, "other_regularizer")
    dropped = [m for m in sites(plain, "extra_layer") if m.site.endswith("Dropout")]
    for mutant in (frozen, priced, *dropped):
        assert not same(respell(plain), respell(mutant.recipe), plain), mutant.site


def test_the_oracle_sees_copied_weights():
    shared = model(("a", {"units": 4}), ("a", {"units": 4}))
    for mutant in sites(shared, "two_in_place_of_one"):
        assert not same(respell(shared), respell(mutant.recipe), shared)


def test_the_oracle_ignores_which_of_two_equal_layers_is_which():
    """Of two layers alike on one input the third may read either."""
    layers = [("a", {"units": 4}), ("b", {"units": 4}), ("c", {"units": 2})]
    one = model(*layers, reads=["i", "i", "s0"], outputs=["s0", "s1", "s2"])
    other = model(*layers, reads=["i", "i", "s1"], outputs=["s1", "s0", "s2"])
    turned = model(*layers, reads=["i", "i", "s1"], outputs=["s0", "s1", "s2"])
    assert same(respell(one), respell(other), one)
    assert not same(respell(one), respell(turned), one)


def dropped(*reads):
    """A layer and one on that, each dropped out, what is read added up or left as it is."""
    drop = LayerConfig("Dropout", full_config("Dropout", rate=0.5))
    dense = [LayerConfig("Dense", full_config("Dense", units=4)) for _ in "ab"]
    layers = {"a": dense[0], "b": dense[1], "d": drop, "e": drop, "sum": LayerConfig("Add", {})}
    rows = [("a", "i"), ("b", "a"), ("d", "a"), ("e", "b"), ("sum", *reads)]
    steps = tuple(Step(key, key, tuple((r, 0) for r in read)) for key, *read in rows)
    body = Body((Entry("i", (4,)),), steps, (("sum", 0),))
    return Recipe({MAIN: body}, layers, ("out_0",))


def test_the_oracle_ignores_which_dropout_draws_which_numbers():
    one = dropped("d", "e")
    (other,) = [m.recipe for m in sites(one, "branches_exchanged") if m.site == "d/e"]
    assert same(respell(one), respell(other), one)
    assert not same(respell(one), respell(dropped("d", "b")), one)


def test_a_second_relu_is_the_same_model():
    twice = model(("a", {"units": 4, "activation": "relu"}))
    body = twice.body
    extra = LayerConfig("Activation", {"activation": "relu"})
    rows = (*body.steps, Step("r", "r", (("s0", 0),)))
    longer = Recipe(
        {MAIN: Body(body.inputs, rows, (("r", 0),))}, {**twice.layers, "r": extra}, ("out_0",)
    )
    assert same(respell(longer), respell(twice), longer)


def test_the_oracle_ignores_layers_that_no_output_hangs_on():
    """A nested model carries them along, its steps written out do not."""
    assert run.respelled(run.recipe_of(3, 272), "3/272", "", "a", 272).outcome == "right"


def test_spellings_are_many_and_plain_data():
    recipe = generate(Random(3), 12)
    texts = {json.dumps(to_json(respell(recipe, str(seed)).graph)) for seed in range(20)}
    assert len(texts) == 20
    for text in texts:
        assert json.dumps(to_json(from_json(json.loads(text)))) == text


@pytest.mark.parametrize(
    ("outcome", "text"), [("right", "mutants are accepted"), ("wrong", "respellings are rejected")]
)
def test_a_judge_that_never_compares_is_detected(monkeypatch, outcome, text):
    def judge(exercise, answer, target):
        return Verdict(exercise.id, outcome, float(outcome == "right"))

    monkeypatch.setattr(run, "judge", judge)
    tally = accuracy.run(1, [0, 1], keras=0)
    assert text in "".join(accuracy.missed(tally))
    lengths = [len(case["target"]["body"]["calls"]) for case in tally.cases]
    assert sum(lengths) / len(lengths) < 6, "the cases are not small"


def test_a_judge_that_raises_is_detected(monkeypatch):
    monkeypatch.setattr(run, "judge", lambda *given: 1 / 0)
    missed = accuracy.missed(accuracy.run(1, [0, 1], keras=0))
    assert [text.split(":")[0] for text in missed] == ["1/0", "1/1"]


def test_untrue_findings_are_detected():
    row = accuracy.Row(tried=100, place=100, kind=94, named=94, alone=89)
    assert len(accuracy.missed(accuracy.Tally(rows={"other_size": row}))) == 2
    row = accuracy.Row(tried=100, place=96, kind=96, named=96, alone=90)
    assert accuracy.missed(accuracy.Tally(rows={"other_size": row})) == []
