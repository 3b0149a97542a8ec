"""Section 4, M36 to M42: branches that meet, and ways past."""

from __future__ import annotations

import pytest

from beyond_sequential.model.spec import Spec
from tests.helpers.handing_in import against, hand_in, layers
from tests.helpers.misconceptions import on_own_models, on_the_course, one_cause

INCEPTION = ("graphs-of-layers-inception", "inception")
RESIDUAL = ("graphs-of-layers-residual", "residual")
SHRINKING = ("graphs-of-layers-shrinking", "shrinking")


def conv(x, filters, size, strides=1, padding="same"):
    return layers.Conv2D(filters, size, strides=strides, padding=padding, activation="relu")(x)


def branches(x, n):
    a = conv(x, n, 1, 2)
    b = conv(conv(x, n, 1), n, 3, 2)
    c = conv(layers.AveragePooling2D(3, strides=2, padding="same")(x), n, 3)
    d = conv(conv(conv(x, n, 1), n, 3), n, 3, 2)
    return a, b, c, d


def inception(x, filters=128):
    return layers.concatenate(branches(x, filters))


def residual(x, filters=128):
    y = conv(conv(conv(x, filters, 3), filters, 3), filters, 3)
    return layers.add([y, x])


def long_way(x, filters):
    y = conv(conv(x, filters, 3), filters, 3)
    return layers.MaxPooling2D(2, strides=2)(y)


def shrinking(x, filters=128):
    short = layers.Conv2D(filters, 1, strides=2, padding="same")(x)
    return layers.add([long_way(x, filters), short])


RIGHT = {
    "graphs-of-layers-inception": lambda: {"inception": inception},
    "graphs-of-layers-residual": lambda: {"residual": residual},
    "graphs-of-layers-shrinking": lambda: {"shrinking": shrinking},
}
COURSE, row, handed = on_the_course(RIGHT)


@pytest.mark.parametrize("exercise", RIGHT)
def test_the_course_is_solvable_as_these_cases_have_it(exercise):
    """Otherwise any mistake would be found."""
    assert hand_in(exercise, **RIGHT[exercise]()).outcome == "right"


@row(
    "M36",
    *INCEPTION,
    "error_join_shapes",
    r"\[a, b, c, d\]",
    r"\(None, 14, 14, 128\), \(None, 13, 13, 128\)",
    "at the rim",
)
def as_books_print_it(x, filters=128):
    a = layers.Conv2D(filters, 1, activation="relu", strides=2)(x)
    b = layers.Conv2D(filters, 1, activation="relu")(x)
    b = layers.Conv2D(filters, 3, activation="relu", strides=2)(b)
    c = layers.AveragePooling2D(3, strides=2)(x)
    c = layers.Conv2D(filters, 3, activation="relu")(c)
    d = layers.Conv2D(filters, 1, activation="relu")(x)
    d = layers.Conv2D(filters, 3, activation="relu")(d)
    d = layers.Conv2D(filters, 3, activation="relu", strides=2)(d)
    return layers.concatenate([a, b, c, d], axis=-1)


@row(
    "M36",
    *INCEPTION,
    "error_join_shapes",
    r"\[a, b, c, d\]",
    r"\(None, 13, 13, 128\) can",
    "at the rim",
)
def padding_forgotten_in_one_branch(x, filters=128):
    a, b, c, _ = branches(x, filters)
    d = conv(conv(conv(x, filters, 1), filters, 3, padding="valid"), filters, 3, 2)
    return layers.concatenate([a, b, c, d])


@row(
    "M37",
    *INCEPTION,
    "error_join_shapes",
    r"\[a, b, c, d\]",
    r"\(None, 13, 13, 128\), \(None, 14, 14, 128\) can",
    "at the rim",
)
def pooling_without_padding(x, filters=128):
    a, b, _, d = branches(x, filters)
    c = layers.AveragePooling2D(3, strides=2)(x)
    c = conv(c, filters, 3)
    return layers.concatenate([a, b, c, d])


@row(
    "M38",
    *INCEPTION,
    "missing",
    r"Conv2D\(128, 1, relu\).*3 of 3",
    r"Conv2D\(128, 3, relu\).*4 of 4",
    "Concatenate",
    "vanishes",
)
def a_branch_left_out(x, filters=128):
    a, b, c, _ = branches(x, filters)
    return layers.concatenate([a, b, c])


@row("M38", *INCEPTION, "missing", r"Conv2D\(128, 1, relu\).*1 of 3", "Concatenate", "vanishes")
def a_branch_of_one_layer_left_out(x, filters=128):
    _, b, c, d = branches(x, filters)
    return layers.concatenate([b, c, d])


@row("M38", *INCEPTION, "wiring", "Concatenate", "2 of 2.*must read.*4 of 4", "vanished")
def a_branch_twice(x, filters=128):
    a, b, c, _ = branches(x, filters)
    return layers.concatenate([a, b, c, c])


@row(
    "M38",
    *INCEPTION,
    "error_join_shapes",
    r"\[a, b, c, d\]",
    r"shapes \(None, 28, 28, 128\), \(None, 14, 14, 128\)",
    "larger steps",
)
def a_stride_forgotten(x, filters=128):
    _, b, c, d = branches(x, filters)
    a = layers.Conv2D(filters, 1, activation="relu")(x)
    return layers.concatenate([a, b, c, d])


@row("M42", *INCEPTION, "replaced", "`Add` in the place of `Concatenate`", "side by side")
def branches_added(x, filters=128):
    return layers.add(branches(x, filters))


@row(
    "M40",
    *RESIDUAL,
    "error_shapes",
    r"layers\.add\(\[y, x\]\)",
    r"\(None, 8, 8, 128\), \(None, 14, 14, 128\)",
    "at the rim",
)
def residual_without_padding(x, filters=128):
    y = layers.Conv2D(filters, 3, activation="relu")(x)
    y = layers.Conv2D(filters, 3, activation="relu")(y)
    y = layers.Conv2D(filters, 3, activation="relu")(y)
    return layers.add([y, x])


@row(
    "M41",
    *RESIDUAL,
    "wiring",
    "`Add` reads",
    r"Conv2D\(128, 3, relu\).*3 of 3",
    "must read `x`",
    "Several layers read that tensor",
)
def y_added_to_itself(x, filters=128):
    y = conv(conv(conv(x, filters, 3), filters, 3), filters, 3)
    return layers.add([y, y])


@row(
    "M41",
    *RESIDUAL,
    "wiring",
    "`Add` reads",
    r"Conv2D\(128, 3, relu\).*3 of 3",
    "must read `x`",
    "Several layers read that tensor",
)
def every_line_overwrites_x(x, filters=128):
    x = conv(x, filters, 3)
    x = conv(x, filters, 3)
    x = conv(x, filters, 3)
    return layers.add([x, x])


@row(
    "M41",
    *RESIDUAL,
    "wiring",
    "`Add` reads",
    r"Conv2D\(128, 3, relu\).*1 of 3",
    "must read `x`",
    "Several layers read that tensor",
)
def the_shortcut_begins_too_late(x, filters=128):
    first = conv(x, filters, 3)
    y = conv(conv(first, filters, 3), filters, 3)
    return layers.add([y, first])


@row("M41", *RESIDUAL, "missing", "lacks `Add`")
def no_shortcut(x, filters=128):
    return conv(conv(conv(x, filters, 3), filters, 3), filters, 3)


@row("M42", *RESIDUAL, "replaced", "`Concatenate` in the place of `Add`", "side by side")
def concatenated_with_the_input(x, filters=128):
    y = conv(conv(conv(x, filters, 3), filters, 3), filters, 3)
    return layers.concatenate([y, x])


@row(
    "M39",
    *SHRINKING,
    "error_shapes",
    "long_way",
    r"\(None, 14, 14, 128\), \(None, 28, 28, 64\)",
    "needs a projection",
)
def no_projection(x, filters=128):
    return layers.add([long_way(x, filters), x])


@row(
    "M40",
    *SHRINKING,
    "error_shapes",
    r"\[y, short\]",
    r"\(None, 14, 14, 128\), \(None, 28, 28, 128\)",
    "larger steps",
)
def a_projection_without_the_stride(x, filters=128):
    y = long_way(x, filters)
    short = layers.Conv2D(filters, 1, padding="same")(x)
    return layers.add([y, short])


@row(
    "M39",
    *SHRINKING,
    "error_shapes",
    r"\[y, short\]",
    r"\(None, 14, 14, 128\), \(None, 14, 14, 64\)",
    "needs a projection",
)
def a_projection_to_too_few(x, filters=128):
    y = long_way(x, filters)
    short = layers.Conv2D(x.shape[-1], 1, strides=2, padding="same")(x)
    return layers.add([y, short])


@row("M05", *SHRINKING, "setting", r"Conv2D\(128, 1\)", "activation is `relu`", "`linear`")
def a_projection_with_relu(x, filters=128):
    short = layers.Conv2D(filters, 1, strides=2, padding="same", activation="relu")(x)
    return layers.add([long_way(x, filters), short])


@row(
    "M41",
    *SHRINKING,
    "wiring",
    r"`Conv2D\(128, 1\)` reads `Conv2D\(128, 3, relu\)`",
    "must read `x`",
    "Several layers read that tensor",
)
def the_projection_reads_y(x, filters=128):
    y = conv(conv(x, filters, 3), filters, 3)
    short = layers.Conv2D(filters, 1, strides=2, padding="same")(y)
    return layers.add([layers.MaxPooling2D(2, strides=2)(y), short])


@row("M42", *SHRINKING, "replaced", "`Concatenate` in the place of `Add`", "side by side")
def concatenated_with_the_projection(x, filters=128):
    short = layers.Conv2D(filters, 1, strides=2, padding="same")(x)
    return layers.concatenate([long_way(x, filters), short])


@handed("M41", "graphs-of-layers-which", "closed", "graph", "read `x`", "first `z`")
def which():
    return {"graph": "a"}


@pytest.mark.parametrize(("give", "code", "words"), COURSE)
def test_on_the_course(give, code, words):
    one_cause(give(), code, words)


# --- the same on models that no section contains --------------------------------------------------

SIGNAL = ((Spec((40, 8), name="signal"),), (Spec((41, 8), name="signal"),))
OPEN = ((Spec((None, 8), name="signal"),),)


def fork(signal):
    """Three ways to look at a row of numbers, each to half its length."""
    near = layers.Conv1D(6, 1, strides=2, padding="same", activation="elu")(signal)
    far = layers.Conv1D(6, 7, strides=2, padding="same", activation="elu")(signal)
    most = layers.MaxPooling1D(4, strides=2, padding="same")(signal)
    return layers.concatenate([near, far, most])


def skip(signal):
    """A way round two layers that change the width, projected."""
    x = layers.Conv1D(5, 3, padding="same", activation="gelu")(signal)
    x = layers.Conv1D(5, 3, strides=3, padding="same", activation="gelu")(x)
    short = layers.Conv1D(5, 1, strides=3, padding="same")(signal)
    return layers.Activation("gelu")(layers.add([x, short]))


def dense_skip(row):
    """A way round two Dense layers."""
    x = layers.Dense(8, activation="selu")(row)
    x = layers.Dense(8, activation="selu")(x)
    return layers.Dense(2)(layers.add([x, row]))


ROW = ((Spec((8,), name="row"),),)
THIN = ((Spec((1,), name="row"),),)
OWN, rewrite = on_own_models()


@pytest.mark.parametrize(
    ("solution", "on"), [(fork, SIGNAL), (fork, OPEN), (skip, SIGNAL), (dense_skip, ROW)]
)
def test_the_solutions_are_right(solution, on):
    assert against(solution, solution, *on).outcome == "right"


@rewrite(
    "M36",
    fork,
    "error_join_shapes",
    r"\(None, 20, 6\), \(None, 17, 6\), \(None, 20, 8\)",
    "at the rim",
    on=SIGNAL,
)
def a_fork_without_padding(signal):
    near = layers.Conv1D(6, 1, strides=2, activation="elu")(signal)
    far = layers.Conv1D(6, 7, strides=2, activation="elu")(signal)
    most = layers.MaxPooling1D(4, strides=2, padding="same")(signal)
    return layers.concatenate([near, far, most])


@rewrite("M36", fork, "setting", r"Conv1D\(6, 7, elu\)", "`padding` is `valid`", "`same`", on=OPEN)
def a_fork_without_padding_on_open_sizes(signal):
    """Nothing raises: the sizes are not known."""
    near = layers.Conv1D(6, 1, strides=2, padding="same", activation="elu")(signal)
    far = layers.Conv1D(6, 7, strides=2, activation="elu")(signal)
    most = layers.MaxPooling1D(4, strides=2, padding="same")(signal)
    return layers.concatenate([near, far, most])


@rewrite(
    "M37",
    fork,
    "error_join_shapes",
    r"\(None, 20, 6\), \(None, 20, 6\), \(None, 19, 8\)",
    "at the rim",
    on=SIGNAL,
)
def a_fork_with_bare_pooling(signal):
    near = layers.Conv1D(6, 1, strides=2, padding="same", activation="elu")(signal)
    far = layers.Conv1D(6, 7, strides=2, padding="same", activation="elu")(signal)
    most = layers.MaxPooling1D(4, strides=2)(signal)
    return layers.concatenate([near, far, most])


@rewrite("M38", fork, "missing", r"MaxPooling1D\(4\)", "Concatenate", "vanishes", on=SIGNAL)
def a_fork_of_two(signal):
    near = layers.Conv1D(6, 1, strides=2, padding="same", activation="elu")(signal)
    far = layers.Conv1D(6, 7, strides=2, padding="same", activation="elu")(signal)
    most = layers.MaxPooling1D(4, strides=2, padding="same")(signal)  # noqa: F841
    return layers.concatenate([near, far])


@rewrite(
    "M38", fork, "error_join_shapes", r"\(None, 40, 6\), \(None, 20, 6\)", "larger steps", on=SIGNAL
)
def a_fork_with_one_stride_missing(signal):
    near = layers.Conv1D(6, 1, padding="same", activation="elu")(signal)
    far = layers.Conv1D(6, 7, strides=2, padding="same", activation="elu")(signal)
    most = layers.MaxPooling1D(4, strides=2, padding="same")(signal)
    return layers.concatenate([near, far, most])


@rewrite(
    "M39",
    skip,
    "error_shapes",
    r"\(None, 14, 5\), \(None, 40, 8\)",
    "needs a projection",
    on=SIGNAL,
)
def a_skip_without_projection(signal):
    x = layers.Conv1D(5, 3, padding="same", activation="gelu")(signal)
    x = layers.Conv1D(5, 3, strides=3, padding="same", activation="gelu")(x)
    return layers.Activation("gelu")(layers.add([x, signal]))


def wide(row):
    """A sum whose second way is projected from one number to eight."""
    x = layers.Dense(8, activation="selu")(row)
    return layers.add([x, layers.Dense(8)(row)])


@rewrite("M39", wide, "missing", r"Dense\(8\)", "lacks", on=THIN)
def a_sum_that_broadcasts(row):
    x = layers.Dense(8, activation="selu")(row)
    return layers.add([x, row])


@rewrite(
    "M40", skip, "error_shapes", r"\(None, 14, 5\), \(None, 40, 5\)", "larger steps", on=SIGNAL
)
def a_skip_without_the_stride(signal):
    x = layers.Conv1D(5, 3, padding="same", activation="gelu")(signal)
    x = layers.Conv1D(5, 3, strides=3, padding="same", activation="gelu")(x)
    short = layers.Conv1D(5, 1, padding="same")(signal)
    return layers.Activation("gelu")(layers.add([x, short]))


@rewrite("M40", skip, "setting", r"Conv1D\(5, 1\)", "`strides`", "1.*3", on=OPEN)
def a_skip_without_the_stride_on_open_sizes(signal):
    x = layers.Conv1D(5, 3, padding="same", activation="gelu")(signal)
    x = layers.Conv1D(5, 3, strides=3, padding="same", activation="gelu")(x)
    short = layers.Conv1D(5, 1, padding="same")(signal)
    return layers.Activation("gelu")(layers.add([x, short]))


@rewrite(
    "M41",
    dense_skip,
    "wiring",
    "`Add` reads",
    r"Dense\(8, selu\).*2 of 2",
    "must read `row`",
    "Several layers read that tensor",
    on=ROW,
)
def a_skip_from_y_to_y(row):
    x = layers.Dense(8, activation="selu")(row)
    x = layers.Dense(8, activation="selu")(x)
    return layers.Dense(2)(layers.add([x, x]))


@rewrite(
    "M41",
    dense_skip,
    "wiring",
    "`Add` reads",
    r"Dense\(8, selu\).*1 of 2",
    "must read `row`",
    "Several layers read that tensor",
    on=ROW,
)
def a_skip_from_the_middle(row):
    x = layers.Dense(8, activation="selu")(row)
    y = layers.Dense(8, activation="selu")(x)
    return layers.Dense(2)(layers.add([x, y]))


@rewrite(
    "M42", dense_skip, "replaced", "`Concatenate` in the place of `Add`", "side by side", on=ROW
)
def a_skip_that_is_joined(row):
    x = layers.Dense(8, activation="selu")(row)
    x = layers.Dense(8, activation="selu")(x)
    return layers.Dense(2)(layers.concatenate([x, row]))


@pytest.mark.parametrize(("give", "code", "words"), OWN)
def test_on_a_model_of_no_section(give, code, words):
    one_cause(give(), code, words)
