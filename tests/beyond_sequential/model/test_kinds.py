"""The table of Keras kinds against the Keras that is installed."""

import ast
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import keras
import pytest
from packaging.version import Version

from beyond_sequential.model import kinds
from beyond_sequential.model.kinds import ACTIVATIONS, KINDS, NO_CALLS, NO_FUNCTIONS, Kind

MODULES = ("core", "einops", "image", "linalg", "math", "nn", "numpy")
TABLE = "beyond_sequential/model/kinds"
INSTALLED = Version(version("keras"))


def layer_classes() -> dict[str, str]:
    """The layers that Keras offers: class names, with a name in keras.layers."""
    return {
        value.__name__: name
        for name, value in sorted(vars(keras.layers).items(), reverse=True)
        if isinstance(value, type) and issubclass(value, keras.Layer)
    }


def operation_classes() -> set[str]:
    from keras.src.ops.operation import Operation

    modules = [import_module(f"keras.src.ops.{name}") for name in MODULES]
    modules.append(import_module("keras.src.activations.activations"))
    return {
        value.__name__
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Operation)
        if value.__module__ == module.__name__ and value.__name__[0] != "_"
    }


def is_expected(kind: Kind) -> bool:
    """Whether the installed Keras must have it, by `since` and `until`."""
    minor = Version(f"{INSTALLED.major}.{INSTALLED.minor}")
    return (not kind.since or minor >= Version(kind.since)) and (
        not kind.until or minor <= Version(kind.until)
    )


def test_each_layer_of_the_table_is_in_keras() -> None:
    found = {name for kind in KINDS.values() if not kinds.is_operation(name := kind.name)}
    lacking = sorted(n for n in found - set(layer_classes()) if is_expected(KINDS[n]))
    assert not lacking, (
        f"Keras {INSTALLED} has no layers {lacking}: correct {TABLE}/layers.py, or say `since` "
        "or `until`"
    )


def test_each_operation_of_the_table_is_in_keras() -> None:
    found = {kind.name for kind in KINDS.values() if kinds.is_operation(kind.name)}
    offered = {f"ops.{name}" for name in operation_classes()}
    lacking = sorted(name for name in found - offered if is_expected(KINDS[name]))
    assert not lacking, (
        f"Keras {INSTALLED} has no operations {lacking}: correct {TABLE}/operations.py, or say "
        "`since` or `until`"
    )


def test_each_layer_of_keras_is_in_the_table() -> None:
    unknown = sorted(set(layer_classes()) - set(KINDS) - set(NO_CALLS))
    assert not unknown, (
        f"Keras {INSTALLED} has the layers {unknown}: put each into {TABLE}/layers.py, or into its "
        "NO_CALLS with the reason why no graph holds a call of it"
    )


def test_each_operation_of_keras_is_in_the_table() -> None:
    known = {kinds.short_name(name) for name in KINDS if kinds.is_operation(name)}
    unknown = sorted(operation_classes() - known - set(NO_CALLS))
    assert not unknown, (
        f"Keras {INSTALLED} has the operations {unknown}: put each into {TABLE}/operations.py, or "
        "into its NO_CALLS with the reason why no graph holds a call of it"
    )


def test_each_activation_of_keras_is_in_the_table() -> None:
    found = {name for name, value in vars(keras.activations).items() if callable(value)}
    unknown = sorted(found - set(ACTIVATIONS) - set(NO_FUNCTIONS))
    lacking = sorted(set(ACTIVATIONS) - found - {"exp"})  # an operation alone
    assert not unknown, f"put {unknown} into {TABLE}/activations.py, or into its NO_FUNCTIONS"
    assert not lacking, f"Keras {INSTALLED} has no activations {lacking}"


def test_layers_are_exported_under_the_name_that_the_table_gives() -> None:
    names = layer_classes()
    wrong = {
        kind.name: kind.exported or kind.name
        for kind in KINDS.values()
        if kind.name in names
        and getattr(getattr(keras.layers, kind.exported or kind.name, None), "__name__", "")
        != kind.name
    }
    assert not wrong, f"keras.layers has these under other names; say `exported`: {wrong}"


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_each_function_is_the_one_that_it_is_another_name_for(name: str) -> None:
    row = ACTIVATIONS[name]
    same = row.same_as or name
    assert same in ACTIVATIONS and not ACTIVATIONS[same].same_as
    assert set(row.implied) <= set(ACTIVATIONS[same].defaults)


def test_activations_of_kinds_are_in_the_table_of_functions() -> None:
    functions = {kind.activation for kind in KINDS.values()} - {""}
    assert functions <= set(ACTIVATIONS)
    assert all(KINDS[f"ops.{name}"].activation for name in ("Exp", "HardTanh", "Threshold", "Mish"))
    assert {kind.family for kind in KINDS.values() if kind.activation} == {"activation"}


def test_each_kind_has_one_row() -> None:
    assert len(KINDS) == len((*kinds.LAYERS, *kinds.OPERATIONS))


def test_the_recurrent_layers_of_the_table_have_the_arguments_that_keras_has() -> None:
    import inspect

    for kind in KINDS.values():
        if kind.arguments:
            layer = getattr(keras.layers, kind.exported or kind.name)
            names = list(inspect.signature(layer.call).parameters)[1:]
            assert [n for n in names if n in kind.arguments[1:]] == list(kind.arguments[1:]), kind


def test_a_layer_that_the_table_calls_stateless_has_no_variables() -> None:
    stateless = [kind for kind in KINDS.values() if not kind.has_state and kind.merge]
    for kind in stateless:
        if not kinds.is_operation(kind.name):
            layer = getattr(keras.layers, kind.name)()
            layer([keras.Input((4,)), keras.Input((4,))])
            assert not layer.variables, kind.name


@pytest.mark.parametrize(
    ("name", "has_variables", "family"),
    [
        ("Dense", True, "core"),
        ("Masking", False, "other"),
        ("ops.Sparsemax", False, "activation"),
        ("ops.Exp", False, "activation"),
        ("ops.Add", False, "merge"),
        ("ops.Sin", False, "operation"),
        ("ops.Unheard", False, "operation"),
        ("custom.Thing", True, "other"),
        ("custom.SumPooling1D", False, "shape"),
        ("custom.ScaleNormalization", True, "norm"),
        ("LSTM", True, "recurrent"),
    ],
)
def test_a_kind_has_the_family_that_drawings_colour(
    name: str, has_variables: bool, family: str
) -> None:
    assert kinds.kind_family(name, has_variables) == family


def test_the_names_of_keras_kinds_have_one_home() -> None:
    """A list of three or more kinds outside the table is a second table."""
    root = Path(kinds.__file__).parents[2]
    wrong = []
    for path in root.rglob("*.py"):
        if path.is_relative_to(root / "model" / "kinds") or path.is_relative_to(root / "course"):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, (ast.Set, ast.List, ast.Tuple)):
                texts = [e.value for e in node.elts if isinstance(e, ast.Constant)]
                known = [text for text in texts if isinstance(text, str) and text in KINDS]
                if len(known) > 2:
                    wrong.append(f"{path.relative_to(root)}:{node.lineno}: {known}")
    assert not wrong, f"make a column of {TABLE} of each of these lists:\n" + "\n".join(wrong)
