"""The table of kinds: the settings of each layer and operation, its shapes, weights and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tests.fuzzer.kinds.base import (
    ACTIVATIONS,
    KINDS,
    ONES,
    ORTHOGONAL,
    UNIFORM,
    ZEROS,
    Kind,
    Settings,
    activated,
    run_relu,
    same_shape,
    softmax,
    weight_settings,
)
from tests.fuzzer.kinds.merging import (
    joined_shape,
    merge_shape,
    pair_shape,
    run_average,
    run_concatenate,
    run_folded,
)
from tests.fuzzer.kinds.normalization import (
    batch_weights,
    norm_weights,
    run_batch_norm,
    run_dropout,
    run_layer_norm,
    run_noise,
    run_spatial,
)
from tests.fuzzer.kinds.recurrent import (
    both_shape,
    both_weights,
    each_shape,
    each_weights,
    gru_step,
    lstm_step,
    rnn_shape,
    rnn_weights,
    run_both,
    run_each,
    run_rnn,
    simple_step,
)
from tests.fuzzer.kinds.reshaping import (
    flat_shape,
    padding_shape,
    permute_shape,
    repeat_shape,
    reshape_shape,
    run_padding,
    run_upsampling,
    upsampling_shape,
)
from tests.fuzzer.kinds.windows import (
    conv_shape,
    conv_weights,
    dense_shape,
    dense_weights,
    depthwise_shape,
    depthwise_weights,
    global_shape,
    pool_shape,
    run_conv,
    run_dense,
    run_depthwise,
    run_embedding,
    run_global,
    run_max_pool,
    run_mean_pool,
    run_separable,
    separable_weights,
    spatial_shape,
)


def _plain(run: Any) -> Any:
    return lambda settings, w, inputs, mode: run(inputs[0])


def _activation_op(name: str) -> Kind:
    config = {"axis": -1} if name == "softmax" else {}
    return Kind(config, same_shape, _plain(ACTIVATIONS[name]))


def _convolution(rank: int) -> dict[str, Any]:
    return {
        "kernel_size": [1] * rank,
        "strides": [1] * rank,
        "padding": "valid",
        "data_format": "channels_last",
        "dilation_rate": [1] * rank,
        "activation": "linear",
        "use_bias": True,
        "activity_regularizer": None,
    }


def _pooling(rank: int) -> dict[str, Any]:
    return {
        "pool_size": [2] * rank,
        "padding": "valid",
        "strides": [2] * rank,
        "data_format": "channels_last",
    }


def _recurrent(**more: Any) -> dict[str, Any]:
    return {
        "return_sequences": False,
        "return_state": False,
        "go_backwards": False,
        "stateful": False,
        "unroll": False,
        "zero_output_for_mask": False,
        "units": None,
        "activation": "tanh",
        "use_bias": True,
        **weight_settings(
            "kernel", "recurrent", "bias", kinds={"recurrent": ORTHOGONAL, "bias": ZEROS}
        ),
        "activity_regularizer": None,
        "dropout": 0.0,
        "recurrent_dropout": 0.0,
        **more,
    }


_KERNEL = weight_settings("kernel", "bias", kinds={"bias": ZEROS})
_NORM = weight_settings("beta", "gamma", kinds={"beta": ZEROS, "gamma": ONES})
_GLOBAL = {"data_format": "channels_last", "keepdims": False}
_RELU = {"negative_slope": 0.0, "max_value": None, "threshold": 0.0}

KINDS.update(
    {
        "Dense": Kind(
            {
                "units": None,
                "activation": "linear",
                "use_bias": True,
                **_KERNEL,
                "quantization_config": None,
            },
            dense_shape,
            run_dense,
            dense_weights,
        ),
        "Embedding": Kind(
            {
                "input_dim": None,
                "output_dim": None,
                **weight_settings("embeddings", kinds={"embeddings": UNIFORM}),
                "activity_regularizer": None,
                "mask_zero": False,
                "quantization_config": None,
            },
            lambda settings, shapes: (*shapes[0], settings["output_dim"]),
            run_embedding,
            lambda settings, shape: [
                ("embeddings", (settings["input_dim"], settings["output_dim"]), True)
            ],
        ),
        "BatchNormalization": Kind(
            {
                "axis": -1,
                "momentum": 0.99,
                "epsilon": 0.001,
                "center": True,
                "scale": True,
                **_NORM,
                "moving_mean_initializer": ZEROS,
                "moving_variance_initializer": ONES,
                "synchronized": False,
                "renorm": False,
                "renorm_clipping": None,
                "renorm_momentum": 0.99,
            },
            same_shape,
            run_batch_norm,
            batch_weights,
        ),
        "LayerNormalization": Kind(
            {
                "axis": [-1],
                "epsilon": 0.001,
                "center": True,
                "scale": True,
                "rms_scaling": False,
                **_NORM,
            },
            same_shape,
            run_layer_norm,
            norm_weights,
        ),
        "LSTM": Kind(
            _recurrent(recurrent_activation="sigmoid", unit_forget_bias=True, seed=None),
            rnn_shape,
            run_rnn(lstm_step, 2),
            rnn_weights(4),
        ),
        "GRU": Kind(
            _recurrent(recurrent_activation="sigmoid", reset_after=True, seed=None),
            rnn_shape,
            run_rnn(gru_step, 1),
            rnn_weights(3),
        ),
        "SimpleRNN": Kind(_recurrent(), rnn_shape, run_rnn(simple_step, 1), rnn_weights(1)),
        "TimeDistributed": Kind({"layer": None}, each_shape, run_each, each_weights),
        "Bidirectional": Kind(
            {"merge_mode": "concat", "layer": None, "backward_layer": None},
            both_shape,
            run_both,
            both_weights,
        ),
        "Dropout": Kind({"rate": None, "seed": None, "noise_shape": None}, same_shape, run_dropout),
        "GaussianNoise": Kind({"stddev": None, "seed": None}, same_shape, run_noise),
        "Flatten": Kind(
            {"data_format": "channels_last"}, flat_shape, _plain(lambda x: x.reshape(len(x), -1))
        ),
        "Reshape": Kind(
            {"target_shape": None},
            reshape_shape,
            lambda s, w, inputs, mode: inputs[0].reshape(len(inputs[0]), *s["target_shape"]),
        ),
        "RepeatVector": Kind(
            {"n": None},
            repeat_shape,
            lambda s, w, inputs, mode: np.repeat(inputs[0][:, None], s["n"], 1),
        ),
        "Permute": Kind(
            {"dims": None},
            permute_shape,
            lambda s, w, inputs, mode: inputs[0].transpose(0, *s["dims"]),
        ),
        "Rescaling": Kind(
            {"scale": None, "offset": 0.0},
            same_shape,
            lambda s, w, inputs, mode: inputs[0] * s["scale"] + s["offset"],
        ),
        "UpSampling1D": Kind({"size": 2}, upsampling_shape, run_upsampling),
        "UpSampling2D": Kind(
            {"size": [2, 2], "data_format": "channels_last", "interpolation": "nearest"},
            upsampling_shape,
            run_upsampling,
        ),
        "ZeroPadding1D": Kind(
            {"padding": [1, 1], "data_format": "channels_last"}, padding_shape, run_padding
        ),
        "ZeroPadding2D": Kind(
            {"padding": [[1, 1], [1, 1]], "data_format": "channels_last"},
            padding_shape,
            run_padding,
        ),
        "Identity": Kind({}, same_shape, _plain(lambda x: x)),
        "Activation": Kind(
            {"activation": None}, same_shape, lambda s, w, inputs, mode: activated(s, inputs[0])
        ),
        "ReLU": Kind(_RELU, same_shape, run_relu),
        "LeakyReLU": Kind({"negative_slope": 0.3}, same_shape, run_relu),
        "ELU": Kind({"alpha": 1.0}, same_shape, _plain(ACTIVATIONS["elu"])),
        "Softmax": Kind({"axis": -1}, same_shape, _plain(softmax)),
        "ops.ReLU": Kind(_RELU, same_shape, run_relu),
        "ops.Relu": _activation_op("relu"),
        "ops.Sigmoid": _activation_op("sigmoid"),
        "ops.Tanh": _activation_op("tanh"),
        "ops.Softmax": _activation_op("softmax"),
        "Add": Kind({}, merge_shape, run_folded(np.add)),
        "Multiply": Kind({}, merge_shape, run_folded(np.multiply)),
        "Maximum": Kind({}, merge_shape, run_folded(np.maximum)),
        "Minimum": Kind({}, merge_shape, run_folded(np.minimum)),
        "Average": Kind({}, merge_shape, run_average),
        "Subtract": Kind({}, pair_shape, run_folded(np.subtract)),
        "Concatenate": Kind({"axis": -1}, joined_shape, run_concatenate),
        "ops.Concatenate": Kind({"axis": -1}, joined_shape, run_concatenate),
        "ops.Add": Kind({}, pair_shape, run_folded(np.add)),
        "ops.Multiply": Kind({}, pair_shape, run_folded(np.multiply)),
        "ops.Maximum": Kind({}, pair_shape, run_folded(np.maximum)),
        "ops.Minimum": Kind({}, pair_shape, run_folded(np.minimum)),
        "ops.Subtract": Kind({}, pair_shape, run_folded(np.subtract)),
    }
)
for _n in (1, 2):
    KINDS |= {
        f"Conv{_n}D": Kind(
            {"filters": None, **_convolution(_n), "groups": 1, **_KERNEL},
            conv_shape,
            run_conv,
            conv_weights,
        ),
        f"MaxPooling{_n}D": Kind(_pooling(_n), pool_shape, run_max_pool),
        f"AveragePooling{_n}D": Kind(_pooling(_n), pool_shape, run_mean_pool),
        f"GlobalMaxPooling{_n}D": Kind(_GLOBAL, global_shape(_n), run_global(np.max)),
        f"GlobalAveragePooling{_n}D": Kind(_GLOBAL, global_shape(_n), run_global(np.mean)),
        f"SpatialDropout{_n}D": Kind(
            {"rate": None, "seed": None} | ({"data_format": "channels_last"} if _n == 2 else {}),
            spatial_shape(_n),
            run_spatial,
        ),
    }
KINDS |= {
    "SeparableConv2D": Kind(
        {
            "depth_multiplier": 1,
            "filters": None,
            **_convolution(2),
            **weight_settings("depthwise", "pointwise", "bias", kinds={"bias": ZEROS}),
        },
        conv_shape,
        run_separable,
        separable_weights,
    ),
    "DepthwiseConv2D": Kind(
        {
            "depth_multiplier": 1,
            **_convolution(2),
            **weight_settings("depthwise", "bias", kinds={"bias": ZEROS}),
        },
        depthwise_shape,
        run_depthwise,
        depthwise_weights,
    ),
}

MERGES = frozenset(("Add", "Multiply", "Maximum", "Minimum", "Average", "Subtract", "Concatenate"))
COMMUTATIVE = frozenset(("Add", "Multiply", "Maximum", "Minimum", "Average"))
ASSOCIATIVE = frozenset(("Add", "Multiply", "Maximum", "Minimum", "Concatenate"))
WITH_ACTIVATION = frozenset(("Dense", "Conv1D", "Conv2D", "SeparableConv2D", "DepthwiseConv2D"))
"""Layers whose activation may as well be a call of its own."""


def losses(settings: Settings, weights: Sequence[tuple[str, np.ndarray]]) -> float:
    """What the regularizers of a layer add to the loss."""
    total = 0.0
    for name, value in weights:
        rule = settings.get(f"{name}_regularizer")
        if rule:
            total += rule["config"]["l2"] * float((value**2).sum())
    return total
