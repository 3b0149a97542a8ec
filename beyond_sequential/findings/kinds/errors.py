"""Exceptions of the student's code; with a known cause, the finding is about the cause.

Tests: tests/beyond_sequential/findings/test_kinds.py
"""

from __future__ import annotations

from ...i18n import N_
from ..kind import Context, FindingKind, Shape, Variant, given_variant

AT = {"name": str, "line": str, "type": str, "text": str}


def _has_line(context: Context) -> bool:
    return bool(context.detail.get("line"))


def _is_type_error(context: Context) -> bool:
    return _has_line(context) and context.detail.get("type") == "TypeError"


KINDS = (
    FindingKind(
        "error",
        N_("`{name}` stops with {type}: {text}"),
        fields=AT,
        optional={"number": int},
        variants=(
            Variant(
                "type_error",
                _is_type_error,
                sentence=N_("`{name}` stops at `{line}` with {type}: {text}"),
                idea=N_("Look at the brackets and at the names of the arguments in this line."),
            ),
            Variant(
                "at_line", _has_line, sentence=N_("`{name}` stops at `{line}` with {type}: {text}")
            ),
        ),
    ),
    FindingKind(
        "error_keywords",
        N_("`{name}` stops at `{line}`: `{keyword}` is not an argument of `keras.Model`."),
        N_("The two arguments are called `inputs` and `outputs`."),
        fields={**AT, "keyword": str},
        optional={"number": int},
    ),
    FindingKind(
        "error_unreachable",
        N_(
            "`{name}` stops at `{line}`: the outputs are computed from the Input `{input}`, which is not among the model's inputs."
        ),
        N_("Every output must be computable from the inputs that you name, and from nothing else."),
        fields={**AT, "input": str},
        optional={"number": int, "variant": str, "model": str},
        variants=(
            given_variant(
                "model",
                N_(
                    "What a model carries around, such as `{model}.output`, hangs on its own Input. To use it on other tensors, call it."
                ),
                N_(
                    "`{name}` stops at `{line}`: the outputs are computed from `{input}`, the Input of `{model}`."
                ),
            ),
        ),
    ),
    FindingKind(
        "error_uncalled",
        N_(
            "`{name}` stops at `{line}`: a tensor is expected there, and {layer} is a layer that was made, but not called."
        ),
        N_("Making a layer and calling it on a tensor are two steps, with brackets of their own."),
        fields={**AT, "layer": str},
        optional={"number": int},
    ),
    FindingKind(
        "error_input_shape",
        N_("`{name}` stops at `{line}`: {shape} is a number; a shape is a tuple."),
        N_("A tuple of one number is written with a comma: `({shape},)`."),
        fields={**AT, "shape": int},
        optional={"number": int},
    ),
    FindingKind(
        "error_no_list",
        N_("`{name}` stops at `{line}`: the tensors to be merged must be given as one list."),
        N_(
            "A merge takes one argument, a list in square brackets, however many tensors there are."
        ),
        fields=AT,
        optional={"number": int},
    ),
    FindingKind(
        "error_again",
        N_(
            "`{name}` stops at `{line}`: this {layer} was called before, on a tensor of shape {before}; now it gets {shape}."
        ),
        N_(
            "A layer that is called again brings the weights it has. Where two layers are meant, make two."
        ),
        fields={**AT, "layer": str, "shape": Shape, "before": Shape},
        optional={"number": int, "variant": str},
        variants=(
            given_variant(
                "outside",
                N_(
                    "It was made outside the function, so each call of the function uses it again. Make it inside."
                ),
            ),
        ),
    ),
    FindingKind(
        "error_rank",
        N_(
            "`{name}` stops at `{line}`: {layer} wants a tensor with another number of axes for each sample ({rank}), and gets one of shape {shape}."
        ),
        N_("Compare with what the layer before gives: a sequence, a picture, or one vector?"),
        fields={**AT, "layer": str, "shape": Shape, "rank": int},
        optional={"number": int},
    ),
    FindingKind(
        "error_open_size",
        N_(
            "`{name}` stops at `{line}`: {layer} can't know how many weights it needs for a tensor of shape {shape}."
        ),
        N_(
            "An axis of open size must be summed up before a layer can count on it, by a pooling or an LSTM."
        ),
        fields={**AT, "layer": str, "shape": Shape},
        optional={"number": int},
    ),
    FindingKind(
        "error_cut",
        N_(
            "`{name}` stops at `{line}`: an intermediate tensor was given to `keras.Model` as an input."
        ),
        N_(
            "Was the variable of the Input overwritten on the way? Give the Input a name of its own."
        ),
        fields=AT,
        optional={"number": int},
    ),
    FindingKind(
        "error_exchanged",
        N_("`{name}` stops at `{line}`: the inputs and the outputs are exchanged."),
        N_("`keras.Model` takes the inputs first, then the outputs."),
        fields=AT,
        optional={"number": int},
    ),
    FindingKind(
        "error_unread",
        N_(
            "`{name}` stops at `{line}`: nothing on the way to the outputs reads the Input `{input}`."
        ),
        N_("Each branch reads its own Input. Which one reads another's?"),
        fields={**AT, "input": str},
        optional={"number": int},
    ),
    FindingKind(
        "error_another_input",
        N_(
            "`{name}` stops at `{line}`: the outputs are computed from another Input that is called `{input}`, too; it was made earlier."
        ),
        N_(
            "Running a cell again makes new Inputs; what was built on the old ones stays with those."
        ),
        fields={**AT, "input": str},
        optional={"number": int},
    ),
    FindingKind(
        "error_join_shapes",
        N_(
            "`{name}` stops at `{line}`: tensors of the shapes {shapes} can't be joined along the axis {axis}."
        ),
        N_("All other axes must agree. Vectors of features are joined along the last axis, -1."),
        fields={**AT, "shapes": list[Shape], "axis": int},
        optional={"number": int, "variant": str},
        variants=(
            given_variant(
                "padding",
                N_(
                    'The branches lose different numbers of places at the rim. Padding "same" in each layer with a window, pooling too, lets them meet.'
                ),
            ),
            given_variant(
                "stride",
                N_(
                    "One branch takes larger steps than another: do all of them have their strides?"
                ),
            ),
            given_variant(
                "built_on",
                N_(
                    "One branch reads the result of another one. Do all of them begin at the same tensor?"
                ),
            ),
        ),
    ),
    FindingKind(
        "error_join_ranks",
        N_(
            "`{name}` stops at `{line}`: a sequence and a vector can't be joined; the shapes are {shapes}."
        ),
        N_("A recurrent layer with `return_sequences` gives a sequence, without it one vector."),
        fields={**AT, "shapes": list[Shape]},
        optional={"number": int},
    ),
    FindingKind(
        "error_shapes",
        N_("`{name}` stops at `{line}`: `{layer}` wants tensors of one shape, and gets {shapes}."),
        N_("Adding mixes numbers place by place. To keep all of them side by side, concatenate."),
        fields={**AT, "layer": str, "shapes": list[Shape]},
        optional={"number": int, "variant": str},
        variants=(
            given_variant(
                "channels",
                N_(
                    "Where channels differ, the way past needs a projection: a convolution of size 1 with as many filters, and with the same strides."
                ),
            ),
            given_variant(
                "padding",
                N_(
                    'Each window loses places at the rim. With padding "same" a step of 1 keeps the size.'
                ),
            ),
            given_variant(
                "stride",
                N_("One way takes larger steps than the other: both need the same strides."),
            ),
            given_variant(
                "built_on",
                N_(
                    "One way reads the result of the other, and changes its size. Do both begin at the same tensor, with the same strides?"
                ),
            ),
        ),
    ),
    FindingKind(
        "error_symbolic",
        N_(
            "`{name}` stops at `{line}`: it asks a Keras tensor for its numbers, and it has none yet."
        ),
        N_(
            "A model is built before data comes. Use layers and `keras.ops`, not numpy, `if` or item assignment."
        ),
        fields=AT,
        optional={"number": int},
    ),
    FindingKind(
        "error_tensorflow",
        N_("`{name}` stops at `{line}`: a function of TensorFlow is called on a Keras tensor."),
        N_(
            "A model is built before data comes. Use a layer, or the function of the same name in `keras.ops`."
        ),
        fields=AT,
        optional={"number": int},
    ),
    FindingKind(
        "error_same_name",
        N_("`{name}` stops at `{line}`: two layers of the model are called `{again}`."),
        N_("A name stands for one layer; losses and targets find their output by it."),
        fields={**AT, "again": str},
        optional={"number": int},
    ),
    FindingKind(
        "error_same_model",
        N_("`{name}` stops at `{line}`: two models in it are called `{again}`."),
        N_(
            "A clone has weights of its own, and its original's name. To share a model, call the one model several times."
        ),
        fields={**AT, "again": str},
        optional={"number": int},
    ),
    FindingKind(
        "error_slash",
        N_("`{name}` stops at `{line}`: there is a slash in the name `{slashed}`."),
        N_("Keras writes paths of weights with slashes. Letters, digits and underscores will do."),
        fields={**AT, "slashed": str},
        optional={"number": int},
    ),
)
