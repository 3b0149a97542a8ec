"""Keras's layers, as rows of the table of kinds.

Tests: tests/beyond_sequential/model/test_kinds.py
"""

from __future__ import annotations

from .kind import Kind, numbered, rows

_RECURRENT_ARGUMENTS = ("0", "initial_state", "mask", "training")
_ATTENTION_ARGUMENTS = ("0", "value", "key")

_WEIGHTED = (
    *rows("Dense EinsumDense", runnable=True, has_state=True, activation_last=True),
    *rows(
        f"{numbered('Conv#')} SeparableConv1D SeparableConv2D DepthwiseConv1D DepthwiseConv2D",
        runnable=True,
        has_state=True,
        activation_last=True,
        window=True,
    ),
    # Drawn as what changes the shape, like the upsampling that it stands for.
    *rows(
        numbered("Conv#Transpose"),
        family="shape",
        runnable=True,
        has_state=True,
        activation_last=True,
    ),
    Kind("Embedding", runnable=True, has_state=True),
    Kind("ReversibleEmbedding", has_state=True, since="3.13"),
    *rows("Attention AdditiveAttention", runnable=True, has_state=True),
    Kind("MultiHeadAttention", runnable=True, has_state=True, arguments=_ATTENTION_ARGUMENTS),
    Kind(
        "GroupedQueryAttention",
        runnable=True,
        has_state=True,
        arguments=_ATTENTION_ARGUMENTS,
        exported="GroupQueryAttention",
    ),
)

_RECURRENT = (
    *rows(
        "LSTM GRU SimpleRNN",
        state_is_output=True,
        family="recurrent",
        runnable=True,
        has_state=True,
        activation_default="tanh",
        arguments=_RECURRENT_ARGUMENTS,
    ),
    Kind(
        "RNN",
        family="recurrent",
        has_state=True,
        activation_default="tanh",
        arguments=_RECURRENT_ARGUMENTS,
    ),
    *rows(
        numbered("ConvLSTM#"),
        family="recurrent",
        has_state=True,
        activation_default="tanh",
        arguments=_RECURRENT_ARGUMENTS,
        window=True,
    ),
    Kind(
        "Bidirectional",
        family="recurrent",
        runnable=True,
        has_state=True,
        activation_default="tanh",
        arguments=_RECURRENT_ARGUMENTS,
        wrapped=("layer", "backward_layer"),
    ),
    Kind(
        "TimeDistributed",
        family="recurrent",
        runnable=True,
        has_state=True,
        activation_default="tanh",
        wrapped=("layer",),
    ),
    *rows(
        "LSTMCell GRUCell SimpleRNNCell StackedRNNCells",
        family="recurrent",
        has_state=True,
        activation_default="tanh",
    ),
)

_MERGES = (
    Kind("Add", family="merge", merge="add", runnable=True),
    Kind("Multiply", family="merge", merge="multiply", runnable=True),
    Kind("Average", family="merge", merge="average", runnable=True),
    Kind("Maximum", family="merge", merge="maximum", runnable=True),
    Kind("Minimum", family="merge", merge="minimum", runnable=True),
    Kind("Subtract", family="merge", merge="subtract", runnable=True),
    Kind("Concatenate", family="merge", merge="concatenate", runnable=True),
    Kind("Dot", family="merge", runnable=True),
)

_ACTIVATIONS = (
    Kind("Activation", family="activation", runnable=True, activation_default=""),
    Kind("ReLU", family="activation", activation="relu", runnable=True),
    Kind("LeakyReLU", family="activation", activation="leaky_relu", runnable=True),
    Kind("ELU", family="activation", activation="elu", runnable=True),
    Kind("Softmax", family="activation", activation="softmax", runnable=True),
    # It learns its slope, so it is a layer that no activation function stands for.
    Kind("PReLU", family="activation", runnable=True, has_state=True),
)

_SHAPES = (
    *rows(
        f"{numbered('MaxPooling#')} {numbered('AveragePooling#')}",
        family="shape",
        runnable=True,
        window=True,
    ),
    *rows(
        f"{numbered('GlobalMaxPooling#')} {numbered('GlobalAveragePooling#')}"
        f" {numbered('Cropping#')} {numbered('UpSampling#')} {numbered('ZeroPadding#')}"
        " Permute RepeatVector",
        family="shape",
        runnable=True,
    ),
    *rows(
        f"{numbered('AdaptiveAveragePooling#')} {numbered('AdaptiveMaxPooling#')}",
        family="shape",
        since="3.13",
    ),
    *rows("Flatten Reshape", family="shape", runnable=True, keeps_numbers=True),
    Kind("Resizing", family="shape"),
)

_NORMS = (
    Kind(
        "BatchNormalization",
        family="norm",
        runnable=True,
        has_state=True,
        differs_in_training=True,
    ),
    *rows(
        "LayerNormalization GroupNormalization RMSNormalization Normalization",
        family="norm",
        runnable=True,
        has_state=True,
    ),
    Kind("UnitNormalization", family="norm", runnable=True),
    Kind(
        "SpectralNormalization",
        family="norm",
        has_state=True,
        differs_in_training=True,
        wrapped=("layer",),
    ),
    Kind("Dropout", family="norm", runnable=True, has_state=True, random=True, drops=True),
    *rows(
        "AlphaDropout GaussianDropout GaussianNoise",
        family="norm",
        runnable=True,
        has_state=True,
        random=True,
    ),
    *rows(numbered("SpatialDropout#"), runnable=True, has_state=True, random=True, drops=True),
    Kind("ActivityRegularization", family="norm"),
)

_OTHERS = (
    Kind("InputLayer", family="input"),
    *rows("Identity Masking Rescaling CenterCrop CategoryEncoding", runnable=True),
    # A vocabulary is read from a file that the settings name: the judge does not build these.
    *rows("StringLookup IntegerLookup TextVectorization", has_state=True),
    *rows("Hashing HashedCrossing Discretization", has_state=True),
    *rows(
        "AutoContrast Equalization Solarization MaxNumBoundingBoxes MelSpectrogram"
        " STFTSpectrogram Pipeline",
        has_state=True,
    ),
    Kind("ContrastLimitedAdaptiveHistogramEqualization", has_state=True, since="3.15"),
    # What these run is code of the student's, which may do anything.
    *rows("Lambda TorchModuleWrapper JaxLayer FlaxLayer TFSMLayer", has_state=True, random=True),
    *rows(
        "MixUp CutMix AugMix RandAugment RandomBrightness RandomColorDegeneration"
        " RandomColorJitter RandomContrast RandomCrop RandomElasticTransform RandomErasing"
        " RandomFlip RandomGaussianBlur RandomGrayscale RandomHue RandomInvert RandomPerspective"
        " RandomPosterization RandomRotation RandomSaturation RandomSharpness RandomShear"
        " RandomTranslation RandomZoom",
        has_state=True,
        random=True,
    ),
)

LAYERS = (
    *_WEIGHTED,
    *_RECURRENT,
    *_MERGES,
    *_ACTIVATIONS,
    *_SHAPES,
    *_NORMS,
    *_OTHERS,
)

NO_CALLS = {
    "Layer": "the base class of all layers",
    "Wrapper": "the base class of layers that wrap another",
}
"""Classes in keras.layers that no graph holds a call of, each with the reason."""
