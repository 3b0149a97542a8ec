"""Section 6, M47 to M54: models that are called, shared, frozen, hidden."""

from __future__ import annotations

import numpy as np
import pytest

from beyond_sequential.model.spec import Spec
from tests.helpers.handing_in import against, hand_in, keras, layers, ops
from tests.helpers.misconceptions import on_own_models, on_the_course, one_cause

CALL = ("models-as-layers-call", "mended")
CAMERAS = "models-as-layers-two-cameras"
STEREO = "models-as-layers-stereo"
DEPTH = "models-as-layers-depth"
FREEZING = "models-as-layers-freezing"
SHAPES = "models-as-layers-shapes"
SIZES = "models-as-layers-sizes"


def make_base():
    inputs = keras.Input(shape=(24,))
    return keras.Model(inputs, layers.Dense(4, activation="relu")(inputs))


def five(x):
    return layers.Dense(5, activation="softmax")(x)


def mended(numbers):
    return five(make_base()(numbers))


def xception(**options):
    return keras.applications.Xception(weights=None, include_top=False, **options)


def two_pictures():
    return keras.Input((250, 250, 3)), keras.Input((250, 250, 3))


def build_eye():
    inputs = keras.Input((10, 20, 1))
    x = layers.Conv2D(8, 3, strides=2, padding="same", activation="relu")(inputs)
    x = layers.Conv2D(16, 3, strides=2, padding="same", activation="relu")(x)
    return keras.Model(inputs, layers.Dense(16, activation="relu")(layers.Flatten()(x)))


def views():
    return keras.Input((10, 20, 1), name="left"), keras.Input((10, 20, 1), name="right")


def head(codes):
    return layers.Dense(1)(layers.Dense(32, activation="relu")(codes))


def build_stereo(eye):
    left, right = views()
    return keras.Model([left, right], head(layers.concatenate([eye(left), eye(right)])))


PICTURES = [np.random.default_rng(n).random((32, 10, 20, 1), "float32") for n in (0, 1)]
FAR = np.ones((32, 1), "float32")


def stereo_answer():
    eye = build_eye()
    return {"build_eye": build_eye, "eye": eye, "stereo": build_stereo(eye)}


RIGHT = {
    "models-as-layers-call": lambda: {"mended": mended},
    STEREO: stereo_answer,
}
COURSE, row, handed = on_the_course(RIGHT)


@pytest.mark.parametrize("exercise", RIGHT)
def test_the_course_is_solvable_as_these_cases_have_it(exercise):
    """Otherwise any mistake would be found."""
    assert hand_in(exercise, **RIGHT[exercise]()).outcome == "right"


# --- M47, M53, M54: what is not a call of the base ------------------------------------------------


@row(
    "M47",
    *CALL,
    "wiring",
    r"Dense\(4, relu\)",
    "reads an Input that is not",
    "must read `numbers`",
    "belongs to another model",
)
def built_on_the_output_of_the_base(numbers):
    base = make_base()
    return layers.Dense(5, activation="softmax")(base.output)


@row("M47", *CALL, "error_uncalled", "Functional", "not called")
def the_base_is_passed_on(numbers):
    base = make_base()
    return layers.Dense(5, activation="softmax")(base)


@row(
    "M53",
    *CALL,
    "replaced",
    "`Lambda` in the place of",
    r"Dense\(4, relu\)",
    "doesn't look into a Lambda",
)
def hidden_in_a_lambda(numbers):
    base = make_base()
    return five(layers.Lambda(lambda x: base(x))(numbers))


@row("M54", *CALL, "error_symbolic", r"np\.maximum\(code", "none yet", "keras.ops")
def numpy_on_a_promise(numbers):
    code = make_base()(numbers)
    return five(np.maximum(code, 0))


@row("M54", *CALL, "error_tensorflow", r"tf\.nn\.relu\(code", "TensorFlow", "keras.ops")
def tensorflow_on_a_promise(numbers):
    import tensorflow as tf

    code = make_base()(numbers)
    return five(tf.nn.relu(code))


@row("M54", *CALL, "error_symbolic", "if code > 0:", "none yet", "`if`")
def an_if_about_a_promise(numbers):
    code = make_base()(numbers)
    if code > 0:
        return five(code)
    return five(-code)


@row("M54", *CALL, "error_symbolic", r"code\[:, 0\] = 0", "none yet", "item assignment")
def assigned_to_a_promise(numbers):
    code = make_base()(numbers)
    code[:, 0] = 0
    return five(code)


# --- M48, M52: the base made twice, a map where a vector is meant ---------------------------------


@handed("M48", STEREO, "not_shared", "2 models.*one model", "branch of `left`", "make it once")
def an_eye_for_each_camera():
    left, right = views()
    codes = layers.concatenate([build_eye()(left), build_eye()(right)])
    return {"stereo": keras.Model([left, right], head(codes))}


@handed("M45", STEREO, "not_shared", "2 models.*one model", "branch of `left`", "make it once")
def another_eye_with_the_same_weights():
    eye, other = build_eye(), build_eye()
    other.set_weights(eye.get_weights())
    left, right = views()
    codes = layers.concatenate([eye(left), other(right)])
    return {"eye": eye, "stereo": keras.Model([left, right], head(codes))}


@handed("M52", STEREO, "missing", "lacks `Flatten`")
def an_eye_without_flatten():
    def build_eye():
        inputs = keras.Input((10, 20, 1))
        x = layers.Conv2D(8, 3, strides=2, padding="same", activation="relu")(inputs)
        x = layers.Conv2D(16, 3, strides=2, padding="same", activation="relu")(x)
        return keras.Model(inputs, layers.Dense(16, activation="relu")(x))

    eye = build_eye()
    return {"build_eye": build_eye, "eye": eye, "stereo": build_stereo(eye)}


@handed("M52", STEREO, "replaced", "`GlobalAveragePooling2D` in the place of `Flatten`")
def an_eye_that_pools():
    def build_eye():
        inputs = keras.Input((10, 20, 1))
        x = layers.Conv2D(8, 3, strides=2, padding="same", activation="relu")(inputs)
        x = layers.Conv2D(16, 3, strides=2, padding="same", activation="relu")(x)
        x = layers.GlobalAveragePooling2D()(x)
        return keras.Model(inputs, layers.Dense(16, activation="relu")(x))

    eye = build_eye()
    return {"build_eye": build_eye, "eye": eye, "stereo": build_stereo(eye)}


@handed("M52", SHAPES, "closed", "merged_shape", "leaves the places alone")
def a_map_taken_for_a_vector():
    return {
        "merged_shape": (4096,),
        "pooled_shape": (4096,),
        "parameters": 20861480,
        "parameters_of_two": 2 * 20861480,
    }


@handed("M48", SHAPES, "closed", "parameters", "two sets of weights")
def counted_twice():
    return {
        "merged_shape": (8, 8, 4096),
        "pooled_shape": (4096,),
        "parameters": 2 * 20861480,
        "parameters_of_two": 2 * 20861480,
    }


@handed("M53", SIZES, "closed", "sizes", "Lambda", "can't see")
def a_lambda_counted():
    return {"sizes": [100, 200, 100, 100, 100]}


# --- M49, M50, M51: freezing ----------------------------------------------------------------------


@handed("M49", FREEZING, "closed", "moving", "one more", "step down")
def frozen_after_the_step_was_written():
    return {"moving": "e"}


@handed("M50", FREEZING, "closed", "moving", "d the base is one object", "frozen for whoever")
def frozen_in_the_other_model_only():
    return {"moving": "bde"}


@handed("M51", FREEZING, "closed", "moving", "one more", "no gradient")
def statistics_thought_still():
    return {"moving": "b"}


def depth(freeze, *, before=None, target=None):
    """An answer to the last exercise: `freeze(eye, model)` does the freezing and compiling."""
    eye = build_eye()
    eye_before = build_eye()
    eye_before.set_weights(eye.get_weights())
    depth_model = build_stereo(eye)
    freeze(eye, depth_model)
    depth_model.train_on_batch(PICTURES, FAR)
    return {"eye": eye, "eye_before": eye_before, "depth_model": depth_model}


def compile_it(model):
    model.compile(keras.optimizers.Adam(learning_rate=0.01), "mean_squared_error")


@handed(
    "M49",
    DEPTH,
    "weights_differ training",
    "eye_before",
    "`eye`",
    "6 of 6",
    "`eye` is frozen now",
    "compile",
)
def frozen_too_late():
    def freeze(eye, model):
        compile_it(model)
        model.train_on_batch(PICTURES, FAR)
        eye.trainable = False

    return depth(freeze)


@handed(
    "M49", DEPTH, "trainable training", r"Conv2D\(8, 3", "trainable is `True`", "before `compile`"
)
def never_frozen():
    return depth(lambda eye, model: compile_it(model))


@handed("M51", DEPTH, "trainable training", r"Conv2D\(16, 3", "trainable is `True`")
def some_layers_frozen():
    def freeze(eye, model):
        eye.layers[1].trainable = False
        compile_it(model)

    return depth(freeze)


@handed(
    "M49",
    DEPTH,
    "trainable never_trained",
    r"Dense\(32, relu\)",
    r"Dense\(1\)",
    "trainable is `False`",
    "belongs to the layer or model itself",
)
def the_whole_model_frozen():
    def freeze(eye, model):
        model.trainable = False
        compile_it(model)

    return depth(freeze)


@handed("M45", DEPTH, "same_object training", "eye_before", "`eye`", "two names")
def a_witness_that_is_the_eye():
    made = depth(lambda eye, model: (setattr(eye, "trainable", False), compile_it(model)))
    return {**made, "eye_before": made["eye"]}


@handed("M48", DEPTH, "weights_differ training", "eye_before", "`eye`", "3 of 6")
def a_witness_with_weights_of_its_own():
    made = depth(lambda eye, model: (setattr(eye, "trainable", False), compile_it(model)))
    return {**made, "eye_before": build_eye()}


@handed("M48", DEPTH, "other_model training", "not `eye`", "weights of their own")
def a_new_eye_in_the_model():
    made = depth(lambda eye, model: (setattr(eye, "trainable", False), compile_it(model)))
    fresh = build_eye()
    fresh.trainable = False
    model = build_stereo(fresh)
    compile_it(model)
    model.train_on_batch(PICTURES, FAR)
    return {**made, "depth_model": model}


@handed("M49", DEPTH, "moved_by training", "moved the weights of `eye`", "before `compile`")
def a_witness_of_the_moved_eye():
    def freeze(eye, model):
        compile_it(model)
        model.train_on_batch(PICTURES, FAR)
        eye.trainable = False

    made = depth(freeze)
    made["eye_before"].set_weights(made["eye"].get_weights())
    return made


@handed("M49", DEPTH, "moved_by never_trained", "not trained as it is compiled", "last `compile`")
def compiled_again_after_the_training():
    def freeze(eye, model):
        compile_it(model)
        model.train_on_batch(PICTURES, FAR)
        eye.trainable = False

    made = depth(freeze)
    made["eye_before"].set_weights(made["eye"].get_weights())
    compile_it(made["depth_model"])
    return made


@handed("M45", DEPTH, "same_object training", "very same weights", "neither is a copy")
def a_witness_around_the_layers_of_the_eye():
    made = depth(lambda eye, model: (setattr(eye, "trainable", False), compile_it(model)))
    return {**made, "eye_before": keras.Model(made["eye"].inputs, made["eye"].outputs)}


@handed("M48", DEPTH, "other_model training", "not `eye`", "Use the name")
def depth_on_the_witness():
    made = depth(lambda eye, model: (setattr(eye, "trainable", False), compile_it(model)))
    made["eye_before"].trainable = False
    model = build_stereo(made["eye_before"])
    compile_it(model)
    model.train_on_batch(PICTURES, FAR)
    return {**made, "depth_model": model}


# --- which model is called ------------------------------------------------------------------------


@handed("M48", CALL[0], "not_own", "has the weights of `base`", "weights of its own")
def mended_on_the_base_of_the_notebook():
    base = make_base()
    return {"base": base, "mended": lambda numbers: five(base(numbers))}


@handed("M48", CALL[0], "not_own", "Two calls of `mended`", "inside of it")
def mended_on_one_base_for_all_calls():
    base = make_base()
    return {"mended": lambda numbers: five(base(numbers))}


@handed("M47", CALL[0], "model_not_called", "not called as a model", "like a layer")
def mended_without_a_base():
    return {"mended": lambda numbers: five(layers.Dense(4, activation="relu")(numbers))}


@handed("M48", STEREO, "other_model", "not `eye`", "Use the name that is there")
def stereo_on_another_eye():
    return {"stereo": build_stereo(build_eye())}


@handed("M48", STEREO, "model_not_called", "`eye` is not called as often", "like a layer")
def stereo_of_the_layers_of_the_eye():
    eye = build_eye()

    def wired(x):
        for layer in eye.layers[1:]:
            x = layer(x)
        return x

    return {"eye": eye, "stereo": build_stereo(wired)}


@handed("M48", STEREO, "stub", "`eye` still waits")
def no_eye():
    return {"eye": None}


# --- the two cameras: one Xception takes seconds to make ------------------------------------------


@handed("M48", CAMERAS, "not_shared", "one model", "`a`.* `b`", "make it once")
def an_xception_for_each():
    left, right = two_pictures()
    one, other = xception(name="a"), xception(name="b")
    codes = layers.concatenate([one(left), other(right)])
    return {"xception": one, "two_cameras": keras.Model([left, right], codes)}


@handed("M52", CAMERAS, "extra", "GlobalAveragePooling2D")
def pooled_cameras():
    left, right = two_pictures()
    base = xception(pooling="avg")
    both = layers.concatenate([base(left), base(right)])
    return {"xception": base, "two_cameras": keras.Model([left, right], both)}


@handed(
    "M53", CAMERAS, "replaced", "`Lambda` in the place of `xception`", "doesn't look into a Lambda"
)
def cameras_in_a_lambda():
    left, right = two_pictures()
    base = xception()
    see = layers.Lambda(lambda x: base(x))
    both = layers.concatenate([see(left), see(right)])
    return {"xception": base, "two_cameras": keras.Model([left, right], both)}


@pytest.mark.parametrize(("give", "code", "words"), COURSE)
def test_on_the_course(give, code, words):
    one_cause(give(), code, words)


# --- the same on models that no section contains --------------------------------------------------


def ear():
    sound = keras.Input((30, 4))
    x = layers.Conv1D(6, 3, activation="elu")(sound)
    x = layers.BatchNormalization()(x)
    return keras.Model(sound, layers.GlobalMaxPooling1D()(x))


def two_ears():
    """Two sounds, heard by one model; then one number."""
    near, far = keras.Input((30, 4), name="near"), keras.Input((30, 4), name="far")
    base = ear()
    return keras.Model([near, far], layers.Dense(1)(layers.subtract([base(near), base(far)])))


def on_top(sound):
    """A frozen model, and a layer on it."""
    base = ear()
    base.trainable = False
    return layers.Dense(3, activation="softmax")(base(sound))


SOUND = ((Spec((30, 4), name="sound"),),)
OWN, rewrite = on_own_models()


@pytest.mark.parametrize(("solution", "on"), [(two_ears, ()), (on_top, SOUND)])
def test_the_solutions_are_right(solution, on):
    assert against(solution, solution, *on).outcome == "right"


@rewrite(
    "M47",
    two_ears,
    "error_unreachable",
    r"keras\.Model\(\[near, far\], outputs\)",
    "the Input of `base`",
    "call it",
)
def ears_by_their_outputs():
    near, far = keras.Input((30, 4), name="near"), keras.Input((30, 4), name="far")
    base = ear()
    outputs = layers.Dense(1)(layers.subtract([base.output, base(far)]))
    return keras.Model([near, far], outputs)


@rewrite(
    "M47",
    on_top,
    "wiring",
    r"Conv1D\(6, 3, elu\)",
    "reads an Input that is not",
    "must read `sound`",
    "belongs to another model",
    on=SOUND,
)
def on_top_of_the_output(sound):
    base = ear()
    base.trainable = False
    return layers.Dense(3, activation="softmax")(base.output)


@rewrite("M48", two_ears, "not_shared", "one model", "branch of `near`", "make it once")
def ears_made_twice():
    near, far = keras.Input((30, 4), name="near"), keras.Input((30, 4), name="far")
    return keras.Model([near, far], layers.Dense(1)(layers.subtract([ear()(near), ear()(far)])))


@rewrite(
    "M48",
    two_ears,
    "error_same_model",
    r"keras\.Model\(\[near, far\]",
    "clone",
    "weights of its own",
)
def ears_cloned():
    near, far = keras.Input((30, 4), name="near"), keras.Input((30, 4), name="far")
    base = ear()
    other = keras.models.clone_model(base)
    return keras.Model([near, far], layers.Dense(1)(layers.subtract([base(near), other(far)])))


@rewrite(
    "M50",
    two_ears,
    "trainable",
    r"Conv1D\(6, 3, elu\)",
    "BatchNormalization",
    "trainable is `False`",
    "every model that uses it",
)
def ears_frozen_elsewhere():
    """One line about another model, and the base is frozen in this one, too."""
    model = two_ears()
    base = next(layer for layer in model.layers if isinstance(layer, keras.Model))
    sound = keras.Input((30, 4))
    other = keras.Model(sound, layers.Dense(2)(base(sound)))
    other.layers[1].trainable = False
    return model


@rewrite(
    "M49",
    on_top,
    "trainable",
    r"Conv1D\(6, 3, elu\)",
    "BatchNormalization",
    "trainable is `True`",
    "freeze the whole model, before",
    on=SOUND,
)
def on_top_of_what_is_not_frozen(sound):
    return layers.Dense(3, activation="softmax")(ear()(sound))


@rewrite(
    "M51",
    on_top,
    "trainable",
    "^`BatchNormalization`: trainable is `True`",
    "batch statistics",
    on=SOUND,
)
def on_top_of_a_part_that_is_frozen(sound):
    base = ear()
    base.layers[1].trainable = False
    return layers.Dense(3, activation="softmax")(base(sound))


@rewrite("M52", on_top, "missing", "lacks `GlobalMaxPooling1D`", on=SOUND)
def on_top_of_a_map(sound):
    inner = keras.Input((30, 4))
    x = layers.BatchNormalization()(layers.Conv1D(6, 3, activation="elu")(inner))
    base = keras.Model(inner, x)
    base.trainable = False
    return layers.Dense(3, activation="softmax")(base(sound))


@rewrite(
    "M53",
    on_top,
    "replaced",
    "`Lambda` in the place of",
    r"Conv1D\(6, 3, elu\)",
    "doesn't look into a Lambda",
    on=SOUND,
)
def on_top_of_a_lambda(sound):
    base = ear()
    base.trainable = False
    return layers.Dense(3, activation="softmax")(layers.Lambda(lambda x: base(x))(sound))


@rewrite(
    "M53",
    two_ears,
    "replaced",
    "`Lambda`",
    "in the place of",
    r"Conv1D\(6, 3, elu\)",
    "doesn't look into a Lambda",
)
def ears_in_a_lambda():
    near, far = keras.Input((30, 4), name="near"), keras.Input((30, 4), name="far")
    base = ear()
    hear = layers.Lambda(lambda x: base(x))
    return keras.Model([near, far], layers.Dense(1)(layers.subtract([hear(near), hear(far)])))


@rewrite("M54", on_top, "error_symbolic", r"np\.mean\(code", "none yet", "keras.ops", on=SOUND)
def on_top_with_numpy(sound):
    code = ear()(sound)
    code = np.mean(code, axis=1)
    return layers.Dense(3, activation="softmax")(code)


@rewrite("M54", on_top, "error_symbolic", "for row in code", "none yet", "keras.ops", on=SOUND)
def on_top_with_a_loop_over_samples(sound):
    code = ear()(sound)
    rows = [layers.Dense(3)(row) for row in code]
    return ops.stack(rows)


@rewrite("M54", on_top, "error_symbolic", r"float\(code", "none yet", "keras.ops", on=SOUND)
def on_top_with_float(sound):
    code = ear()(sound)
    return layers.Dense(3, activation="softmax")(code * float(code[0, 0]))


@pytest.mark.parametrize(("give", "code", "words"), OWN)
def test_on_a_model_of_no_section(give, code, words):
    one_cause(give(), code, words)
