"""Keras's operations, as rows of the table of kinds.

Tests: tests/beyond_sequential/model/test_kinds.py
"""

from __future__ import annotations

import re

from .kind import Kind, Merge, rows


def _ops(names: str) -> str:
    return " ".join(f"ops.{name}" for name in names.split())


def _merge(name: str, merge: Merge) -> Kind:
    return Kind(f"ops.{name}", family="merge", merge=merge, runnable=True)


def _activation(name: str) -> Kind:
    """Return an operation that is named as its activation function is, in the other style."""
    function = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
    return Kind(f"ops.{name}", family="activation", activation=function, runnable=True)


_MERGES = (
    _merge("Add", "add"),
    _merge("Multiply", "multiply"),
    _merge("Maximum", "maximum"),
    _merge("Minimum", "minimum"),
    _merge("Subtract", "subtract"),
    _merge("Divide", "divide"),
    _merge("TrueDivide", "divide"),
    _merge("Concatenate", "concatenate"),
    *rows(_ops("Average Dot Matmul Hstack Vstack Append"), family="merge", runnable=True),
    Kind("ops.Stack", family="merge", runnable=True, axis_of_output=True),
)

_ACTIVATIONS = (
    *map(
        _activation,
        (
            "Relu Relu6 LeakyRelu Elu Selu Celu Gelu Glu Silu Sigmoid Tanh Softmax LogSoftmax"
            " Softplus Softsign HardSigmoid HardSilu HardTanh HardShrink SoftShrink TanhShrink"
            " LogSigmoid SparseSigmoid SparsePlus Sparsemax Squareplus Threshold Mish"
        ).split(),
    ),
    # With settings, relu is a class of its own; exp(x) is what the activation "exponential" is.
    Kind("ops.ReLU", family="activation", activation="relu", runnable=True),
    Kind("ops.Exp", family="activation", activation="exp", runnable=True),
)

_SHAPES = (
    *rows(_ops("Transpose ConvTranspose"), family="shape", runnable=True),
    *rows(_ops("Reshape Squeeze"), family="shape", runnable=True, keeps_numbers=True),
    Kind("ops.GetItem", family="shape", runnable=True, slices=True),
    Kind("ops.ExpandDims", family="shape", runnable=True, axis_of_output=True),
)

_NUMPY = """
    Abs Absolute All Amax Amin Angle Any Arange Arccos Arccosh Arcsin Arcsinh Arctan Arctan2
    Arctanh Argmax Argmin Argpartition Argsort Array Bincount BitwiseAnd BitwiseInvert
    BitwiseLeftShift BitwiseNot BitwiseOr BitwiseRightShift BitwiseXor BroadcastTo Ceil Clip Conj
    Conjugate Copy Correlate Cos Cosh CountNonzero Cross Cumprod Cumsum Diag Diagflat Diagonal Diff
    Digitize DivideNoNan Einsum Equal Exp2 Expm1 Flip Floor FloorDivide Full FullLike Greater
    GreaterEqual Histogram Imag Inner Isclose Isfinite Isinf Isnan LeftShift Less LessEqual
    Linspace Log Log10 Log1p Log2 Logaddexp LogicalAnd LogicalNot LogicalOr LogicalXor Logspace Max
    Mean Median Meshgrid Min Mod Moveaxis NanToNum Ndim Negative Nonzero NotEqual OnesLike Outer
    Pad Power Prod Quantile Ravel Real Reciprocal Repeat RightShift Roll Rot90 Round SearchSorted
    Select Sign Signbit Sin Sinh Size Slogdet Sort Sqrt Square Std Sum Swapaxes
    TakeAlongAxis Tan Tensordot Tile Trace Tril Triu Trunc UnravelIndex Var Vdot Where ZerosLike
"""
_NUMPY_LATER = """
    ArraySplit Cbrt Corrcoef Deg2rad EmptyLike Gcd Heaviside Hypot IsIn Isneginf Isposinf Isreal
    Kron Lcm Ldexp Logaddexp2 Trapezoid Vander View
"""
_NUMPY_NEWEST = """
    AllClose Dsplit Dstack Fabs Fliplr Flipud Fmax Fmin Fmod Geomspace Hsplit I0 Nanargmax
    Nanargmin Nancumprod Nancumsum Nanmax Nanmean Nanmedian Nanmin Nanpercentile Nanprod
    Nanquantile Nanstd Nansum Nanvar Nextafter Percentile Ptp Rad2deg Sinc Unique Vsplit
"""
_NN = """
    AveragePool BatchNorm BinaryCrossentropy CTCDecode CTCLoss CategoricalCrossentropy Conv
    DepthwiseConv DotProductAttention MaxPool Moments MultiHot Normalize OneHot PSNR Polar RMSNorm
    SeparableConv SparseCategoricalCrossentropy
"""
_MATH = """
    Erf Erfinv ExtractSequences FFT FFT2 IFFT2 IRFFT ISTFT InTopK Logdet Logsumexp RFFT Rsqrt STFT
    SegmentMax SegmentSum TopK ViewAsComplex ViewAsReal
"""
_LINALG = "Cholesky Det Eig Eigh Inv Lstsq LuFactor Norm Qr SVD Solve SolveTriangular"

_RUN = (
    *rows(_ops(_NUMPY + _NN + _MATH + _LINALG), family="operation", runnable=True),
    *rows(_ops("Cast StopGradient Unstack"), family="operation", runnable=True),
    *rows(_ops("Slice Split Take"), family="operation", runnable=True, slices=True),
    *rows(
        _ops(
            _NUMPY_LATER + "CholeskyInverse JVP AdaptiveAveragePool AdaptiveMaxPool LayerNorm"
            " Unfold"
        ),
        family="operation",
        runnable=True,
        since="3.13",
    ),
    *rows(
        _ops(
            _NUMPY_NEWEST + "MatrixRank Pinv CDist Erfc SegmentMin SegmentProd DepthToSpace Fold"
            " SpaceToDepth"
        ),
        family="operation",
        runnable=True,
        since="3.15",
    ),
    *rows(
        _ops("Empty Eye Identity Ones Tri Zeros"), family="operation", runnable=True, until="3.10"
    ),
    *rows(_ops("Bartlett Blackman Hamming"), family="operation", runnable=True, until="3.13"),
    *rows(_ops("Hanning Kaiser"), family="operation", runnable=True, since="3.13", until="3.13"),
)

# These run functions that they are given, write into tensors, or work on pictures: no exercise
# has the judge run them.
_NOT_RUN = (
    *rows(
        _ops(
            "AssociativeScan Cond ConvertToTensor ForiLoop Map SaturateCast Scan Scatter"
            " ScatterUpdate SliceUpdate Switch WhileLoop Rearrange AffineTransform CropImages"
            " ElasticTransform ExtractPatches GaussianBlur HSVToRGB MapCoordinates PadImages"
            " PerspectiveTransform RGBToGrayscale RGBToHSV Resize"
        ),
        family="operation",
    ),
    *rows(_ops("VectorizedMap ScaleAndTranslate"), family="operation", since="3.13"),
    *rows(_ops("SSIM SobelEdges"), family="operation", since="3.15"),
    Kind("ops.ExtractPatches3D", family="operation", since="3.13", until="3.13"),
)

OPERATIONS = (*_MERGES, *_ACTIVATIONS, *_SHAPES, *_RUN, *_NOT_RUN)

NO_CALLS = {
    "Operation": "the base class of all operations",
    "SegmentReduction": "the base class of SegmentSum and SegmentMax",
    "Function": "a whole graph of calls, which capture takes apart",
}
"""Subclasses of Keras's Operation that no graph holds a call of, each with the reason."""
