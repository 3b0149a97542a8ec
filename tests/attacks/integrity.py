"""Students who want points for nothing: they lie, forge, break and confuse.

Nothing here needs a jail; what is on trial is that answers are data and that the judge is apart.
"""

from __future__ import annotations

import json

from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_code_cell

from tests.attacks.hostile import BEFORE, COUNT, LAYER, OWN, PATCH, TRAINING, TWIN, WEIGHTS, Attack

# --- redefining what checks are made of ---------------------------------------------------------

REDEFINED = [
    Attack(
        "check-redefined",
        "its own check, which says that all is right",
        twin="check = lambda id, points=3: points",
        keeps=BEFORE,
    ),
    Attack(
        "check-replaced-in-the-module",
        "the module's own check is exchanged, in every place where it could be looked up",
        twin=f"""{PATCH}
check = lambda id, points=3: points
everywhere("check", check)
""",
        keeps=BEFORE,
    ),
    Attack(
        "module-replaced",
        "a module of the student's own stands in sys.modules",
        twin="""
import sys, types
fake = types.ModuleType("beyond_sequential")
fake.check = check = lambda id, points=3: points
for key in list(sys.modules):
    if key.split(".")[0] == "beyond_sequential":
        sys.modules[key] = fake
""",
        keeps=BEFORE,
    ),
    Attack(
        "capture-replaced",
        "capture hands over what was right for another exercise",
        twin=f"""{PATCH}
from beyond_sequential.course import sections
layer = sections.exercise("introduction-layer")
real = everywhere("capture", lambda exercise, names: real(layer, names))
""",
        keeps=BEFORE,
    ),
    Attack(
        "save-replaced",
        "every answer says full marks of itself",
        twin=PATCH
        + """
import json, zipfile
def save(answer, path):
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("answer.json", json.dumps({
            "exercise": answer.exercise, "score": 99, "points": 99, "fraction": 1.0,
            "outcome": "right", "versions": dict(answer.versions),
            "values": {"build_twin": {"state": "captured", "score": 99, "cases": [
                {"outcome": "right", "fraction": 1.0, "score": 99}]}}}))
everywhere("save", save)
""",
        keeps=BEFORE,
    ),
    Attack(
        "judge-replaced",
        "the judge in the student's own kernel says right",
        twin=f"""{PATCH}
from beyond_sequential.findings.verdict import Verdict
def judge(exercise, answer, *rest, **more):
    return Verdict(exercise.id, "right", 1.0, (), (), ())
everywhere("judge", judge)
""",
    ),
    Attack(
        "exercises-emptied",
        "the exercise in the student's kernel asks for nothing",
        twin="""
import dataclasses
from beyond_sequential.course import sections
for name, exercise in list(sections.exercises().items()):
    if name == "introduction-twin":
        object.__setattr__(exercise, "asks", ())
        object.__setattr__(exercise, "parts", ())
""",
    ),
    Attack(
        "isinstance",
        "everything is an instance of everything",
        twin="import builtins\nbuiltins.isinstance = lambda *a: True",
        keeps=BEFORE,
        state="partly graded",
    ),
    Attack(
        "builtins",
        "all, any, len, min, max, sum and zip lie",
        twin="""
import builtins
builtins.all = builtins.any = lambda *a: True
builtins.len = builtins.sum = lambda *a: 0
builtins.zip = lambda *a, **k: []
""",
        keeps=BEFORE,
        state="partly graded",
    ),
    Attack(
        "type-hash-and-id",
        "every object has one type name, one hash and one identity",
        twin="import builtins\nbuiltins.hash = builtins.id = lambda *a: 7",
        keeps=BEFORE,
    ),
    Attack(
        "import-replaced",
        "imports give an object that says yes to everything",
        twin="""
import builtins
class Yes:
    def __getattr__(self, name): return self
    def __call__(self, *a, **k): return self
    def __iter__(self): return iter([self])
builtins.__import__ = lambda *a, **k: Yes()
""",
        keeps=BEFORE,
    ),
    Attack(
        "build-class",
        "no class can be made any more",
        twin="import builtins\nbuiltins.__build_class__ = None",
        keeps=BEFORE,
    ),
    Attack(
        "numpy",
        "numpy finds everything equal",
        answers={
            WEIGHTS: """
import numpy as np
def made():
    inputs = keras.Input((4,))
    return keras.Model(inputs, layers.Dense(3)(inputs))
sequential_model, twin = made(), made()
np.allclose = np.array_equal = np.isclose = np.all = lambda *a, **k: True
"""
        },
    ),
    Attack(
        "numpy-arrays",
        "weights that are given as zeros, whatever they are",
        answers={
            WEIGHTS: """
import numpy as np
def made(units):
    inputs = keras.Input((4,))
    return keras.Model(inputs, layers.Dense(units)(inputs))
sequential_model, twin = made(3), made(5)
keras.ops.convert_to_numpy = lambda x: np.zeros((1,))
"""
        },
    ),
    Attack(
        "json-replaced",
        "json writes the text that the student prepared",
        twin="""
import json
json.dumps = lambda *a, **k: '{"exercise": "introduction-twin", "outcome": "right", "score": 3}'
""",
        keeps=BEFORE,
        state="partly graded",
    ),
    Attack(
        "keras-get-config",
        "get_config of every layer answers with an object that equals everything",
        twin="""
class Equal(dict):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def get(self, *a): return self
    __hash__ = None
keras.layers.Dense.get_config = lambda self: Equal(units=Equal(), activation=Equal())
""",
    ),
    Attack(
        "keras-get-config-lambda",
        "get_config gives serialized code, which a judge that deserializes would run",
        twin="""
import keras.src.utils.python_utils as tools
code = tools.func_dump(lambda x: __import__("os").abort())
keras.layers.Dense.get_config = lambda self: {"units": 1, "activation": {
    "class_name": "__lambda__", "config": {"value": code}, "module": "builtins"}}
""",
    ),
    Attack(
        "keras-classes",
        "Keras's own classes are exchanged for ones that are always right",
        twin="""
class Model(keras.Model):
    def __eq__(self, other): return True
    def __hash__(self): return 0
    layers = property(lambda self: [])
    def predict(self, *a, **k): return "right"
keras.Model = keras.layers.Dense = keras.KerasTensor = keras.Layer = Model
""",
        keeps=BEFORE,
    ),
    Attack(
        "class-lies",
        "an object that claims to be a model: __class__ is a property",
        answers={
            TWIN: """
class Liar:
    __class__ = property(lambda self: keras.Model)
    def __getattr__(self, name): return self
    def __call__(self, *a, **k): return self
    def __eq__(self, other): return True
    __hash__ = object.__hash__
build_twin = lambda: Liar()
"""
        },
    ),
    Attack(
        "equal-to-everything",
        "a number that equals every number",
        answers={
            COUNT: """
class Number(int):
    __eq__ = lambda self, other: True
    __ne__ = lambda self, other: False
    __hash__ = lambda self: 0
    __str__ = __repr__ = __format__ = lambda self, *a: "3466"
    __float__ = lambda self: 3466.0
    __index__ = __int__ = lambda self: 3466
parameters = Number(5)
"""
        },
    ),
    Attack(
        "a-text-that-changes",
        "a str whose slices, lower and split are something else each time",
        answers={
            COUNT: """
class Text(str):
    __getitem__ = lambda self, i: Text("any")
    __eq__ = lambda self, other: True
    lower = split = strip = lambda self, *a: self
    __hash__ = lambda self: 0
parameters = Text("any")
"""
        },
    ),
    Attack(
        "all-candidates",
        "a list of all numbers in place of one",
        answers={COUNT: "parameters = list(range(3400, 3500))"},
    ),
    Attack(
        "all-candidates-again",
        "many checks, one for each number, the wrong one last",
        answers={COUNT: "for parameters in [1, 2, 3]:\n    check('introduction-count')"},
    ),
    Attack("nan", "not a number", answers={COUNT: "parameters = float('nan')"}),
    Attack(
        "a-number-without-end",
        "an integer of a million digits",
        answers={COUNT: "parameters = 10 ** 1_000_000"},
    ),
    Attack(
        "a-nest-of-lists",
        "a closed answer of a hundred million items",
        answers={COUNT: "parameters = [[[[0] * 100] * 100] * 100] * 100"},
    ),
]

# --- IPython ------------------------------------------------------------------------------------

IPYTHON = [
    Attack(
        "asserts-dropped",
        "an AST transformer that takes asserts and raises out",
        first="""
import ast
class NoAsserts(ast.NodeTransformer):
    def visit_Assert(self, node): return ast.Pass()
    visit_Raise = visit_Assert
get_ipython().ast_transformers.append(NoAsserts())
""",
    ),
    Attack(
        "ast-calls",
        "an AST transformer that makes a call of check a number",
        twin="""
import ast
class Full(ast.NodeTransformer):
    def visit_Call(self, node):
        name = getattr(node.func, "id", "")
        return ast.Constant(3) if name == "check" else self.generic_visit(node)
get_ipython().ast_transformers.append(Full())
""",
        keeps=BEFORE,
    ),
    Attack(
        "input-transformer",
        "an input transformer that writes 3 in the place of a check",
        twin="""
def full(lines):
    return ["3\\n"] if any("check(" in line for line in lines) else lines
get_ipython().input_transformers_cleanup.append(full)
""",
        keeps=BEFORE,
    ),
    Attack(
        "exception-handler",
        "a custom handler that makes full marks of every exception",
        twin="""
from IPython.display import display
def handler(shell, kind, value, trace, tb_offset=None):
    display(3); return []
get_ipython().set_custom_exc((BaseException,), handler)
""",
    ),
    Attack(
        "formatter",
        "every number is shown as nan, which nbgrader takes for full marks",
        first="""
formatter = get_ipython().display_formatter.formatters["text/plain"]
for kind in (int, float, type(None)):
    formatter.for_type(kind, lambda value, p, cycle: p.text("nan"))
""",
    ),
    Attack(
        "display-hook",
        "whatever a cell's value is, 3 is published",
        first="""
def show(value=None):
    get_ipython().display_pub.publish({"text/plain": "3"})
get_ipython().displayhook.__class__.__call__ = lambda self, value=None: show()
""",
    ),
    Attack(
        "over-max",
        "a result above the maximum, which makes nbgrader raise",
        first="""
formatter = get_ipython().display_formatter.formatters["text/plain"]
for kind in (int, float, type(None)):
    formatter.for_type(kind, lambda value, p, cycle: p.text("1e9"))
""",
        last="1e9",
    ),
    Attack(
        "events",
        "a hook before each cell puts another source in",
        twin="""
def before(info):
    if "check(" in info.raw_cell: info.raw_cell = "3"
get_ipython().events.register("pre_run_cell", before)
get_ipython().run_cell = lambda *a, **k: None
""",
        keeps=BEFORE,
        state="partly graded",
    ),
    Attack(
        "another-shell",
        "the namespace in which check looks is another one",
        twin="""
import IPython, types
names = {**globals(), "build_twin": lambda: one_layer(keras.Input((32,)))}
IPython.get_ipython = lambda: types.SimpleNamespace(user_ns=names)
""",
        keeps=BEFORE,
    ),
    Attack(
        "history",
        "looks for hidden tests and solutions in In, in the frames and in the package",
        twin="""
import gc, pathlib, re, sys, beyond_sequential
found = [text for text in In if "SOLUTION" in text]
frame = sys._getframe()
while frame:
    found += [v for v in frame.f_locals.values() if isinstance(v, str) and "SOLUTION" in v]
    frame = frame.f_back
for path in pathlib.Path(beyond_sequential.__file__).parent.rglob("*"):
    if path.suffix in (".py", ".json") and "def build_twin" in path.read_text():
        found.append(path.read_text())
for text in found:
    if "layers.Dense(32" in text and "softmax" in text and "f_back" not in text:
        exec(text)
""",
    ),
    Attack(
        "garbage",
        "every number 0.0 that the garbage collector knows becomes 1.0",
        twin="""
import gc
for thing in gc.get_objects():
    if type(thing) is dict:
        for key, value in list(thing.items()):
            if key in ("score", "fraction", "weight", "earned"):
                thing[key] = 1.0
""",
    ),
]

# --- the spool ----------------------------------------------------------------------------------

FORGE = """
import json, os, pathlib, shutil, zipfile
import numpy as np
from beyond_sequential.answers import capture
spool = pathlib.Path(os.environ["BEYOND_SEQUENTIAL_SPOOL"])
place = spool / "introduction-twin.999999.answer"

def forge(values, exercise="introduction-twin", arrays={}, to=None, **versions):
    with zipfile.ZipFile(to or spool / f"{exercise}.999999.answer", "w") as file:
        file.writestr("answer.json", json.dumps({
            "exercise": exercise, "values": values,
            "versions": {**capture.versions(), **versions}}))
        for name, array in arrays.items():
            with file.open(f"{name}.npy", "w") as member:
                np.save(member, array)

def case(graph, name="build_twin", **more):
    return {name: {"state": "captured", "cases": [{"graph": graph, "identity": 1, **more}]}}

def graph(layers, calls, inputs=({"$tensor": [0, 0]},), outputs=({"$tensor": [1, 0]},)):
    return {"schema": 1, "name": "m", "kind": "Functional", "layers": layers,
            "body": {"calls": calls, "inputs": list(inputs), "outputs": list(outputs)}}

START = {"id": "i", "kind": "InputLayer", "name": "i"}
FIRST = {"layer": "i", "outputs": [[[None, 64], "float32"]]}

def one(kind, settings={}, variables=(), out=(None, 10), **more):
    layer = {"id": "d", "kind": kind, "name": "d", "settings": settings, **more}
    if variables:
        layer["variables"] = [list(v) for v in variables]
    call = {"layer": "d", "args": [{"$tensor": [0, 0]}], "outputs": [[list(out), "float32"]]}
    return graph([START, layer], [FIRST, call])
"""


def forged(name: str, tries: str, code: str, **more: object) -> Attack:
    """An attack whose last cell writes into the spool."""
    return Attack(name, tries, last=FORGE + code, **more)  # type: ignore[arg-type]


SPOOL = [
    forged("words", "a text file that says full marks", "place.write_text('full marks')"),
    forged("empty", "an empty file", "place.write_bytes(b'')"),
    forged(
        "truncated",
        "half of an answer",
        """
forge(case(one("Dense")))
place.write_bytes(place.read_bytes()[:200])
""",
    ),
    forged(
        "giant",
        "a file of a terabyte, with holes",
        "place.touch(); os.truncate(place, 1 << 40)",
    ),
    forged(
        "symlinks",
        "links to a file without an end, to a missing one and to itself",
        """
place.symlink_to("/dev/zero")
(spool / "introduction-weights.1.answer").symlink_to("/no/such/file")
(spool / "introduction-training.1.answer").symlink_to(spool / "introduction-training.1.answer")
""",
    ),
    forged(
        "special-files",
        "a pipe that blocks whoever reads it, a socket",
        """
import socket
os.mkfifo(place)
socket.socket(socket.AF_UNIX).bind(str(spool / "introduction-weights.1.answer"))
""",
    ),
    forged(
        "a-folder",
        "a folder in the place of an answer",
        "place.mkdir(); (place / 'answer.json').write_text('{}')",
    ),
    forged(
        "for-another-exercise",
        "the answer that was right for one exercise, under the name of another",
        """
check("introduction-layer")
shutil.copy(max(spool.glob("introduction-layer.*")), place)
""",
    ),
    forged(
        "relabelled",
        "the same, with the exercise's name inside changed",
        """
check("introduction-layer")
with zipfile.ZipFile(max(spool.glob("introduction-layer.*"))) as file:
    data = json.loads(file.read("answer.json"))
made = data["values"]["one_layer"]
forge({"sequential_model": made, "twin": made}, exercise="introduction-weights")
""",
    ),
    forged(
        "names-of-files",
        "names that are no answers, or answers far away",
        """
for name in ("introduction-twin.٣.answer", "introduction-twin.99999999999.answer",
             "introduction-nothing.1.answer", "introduction-twin.2.answer.part",
             ("x" * 200) + ".1.answer", "introduction-twin.\\n1.answer", ".answer"):
    forge(case(one("Dense")), to=spool / name)
try:
    forge(case(one("Dense")), to=spool / "../introduction-twin.999999.answer")
except OSError:
    pass
""",
    ),
    forged(
        "another-schema",
        "an answer of another version",
        "forge(case(one('Dense')), schema='2')",
    ),
    forged(
        "another-helper",
        "the helper's version is a page of HTML",
        "forge(case(one('Dense')), helper='<script>alert(1)</script>' * 10_000)",
    ),
    forged(
        "bomb",
        "two gigabytes of zeros in two megabytes",
        """
with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
    with file.open("answer.json", "w", force_zip64=True) as member:
        for _ in range(200):
            member.write(bytes(10 << 20))
""",
    ),
    forged(
        "many-members",
        "a zip of a hundred thousand members",
        """
with zipfile.ZipFile(place, "w") as file:
    for number in range(100_000):
        file.writestr(f"{number}", "")
""",
    ),
    forged(
        "bottomless",
        "lists in lists, a million deep",
        """
with zipfile.ZipFile(place, "w") as file:
    file.writestr("answer.json", "[" * 10**6 + "]" * 10**6)
""",
    ),
    forged(
        "deep-but-readable",
        "a graph nested as deep as can be read, so that whoever walks it falls",
        """
deep = 1
for _ in range(480):
    deep = [deep]
forge(case(one("Dense", {"units": deep}, kwargs={"a": deep})))
""",
        state="partly graded",
    ),
    forged(
        "arrays-not-asked-for",
        "arrays where none are asked for",
        "forge({}, arrays={'build_twin.0.w': np.zeros((10 << 20,), 'float32')})",
    ),
    forged(
        "a-thread-that-stays",
        "a thread that copies a right answer over the wrong one, for ever",
        "",
        first=FORGE
        + """
import threading, time
def copy():
    while True:
        for path in spool.glob("introduction-layer.*.answer"):
            try: shutil.copy(path, place)
            except OSError: pass
        time.sleep(0.01)
threading.Thread(target=copy, daemon=True).start()
""",
    ),
    forged(
        "a-fork-that-stays",
        "a child that goes on forging when the kernel is gone",
        "",
        first=FORGE
        + """
import time
if not os.fork():
    end = time.time() + 60
    while time.time() < end:
        try: place.write_bytes(b"full marks")
        except OSError: pass
        time.sleep(0.05)
    os._exit(0)
""",
    ),
    forged(
        "at-exit",
        "forging when the kernel goes, after the last cell",
        """
import atexit
atexit.register(lambda: place.write_text("full marks"))
""",
    ),
    forged(
        "flood",
        "more than the disk holds",
        """
for number in range(1_000_000):
    (spool / f"{number}.part").write_bytes(bytes(64 << 20))
""",
        state="partly graded",
    ),
    forged(
        "a-million-files",
        "as many files as there are inodes",
        """
for number in range(10_000_000):
    (spool / f"{number}").touch()
""",
        state="partly graded",
    ),
    forged(
        "a-deep-hole",
        "folders in folders, deeper than rmtree goes",
        """
os.chdir(spool)
for number in range(3000):
    os.mkdir("d"); os.chdir("d")
import time
time.sleep(5)
""",
        state="partly graded",
    ),
    forged(
        "a-locked-folder",
        "a folder that nobody may open, so that it can't be removed",
        """
(spool / "d").mkdir(); (spool / "d" / "f").touch(); (spool / "d").chmod(0)
import time
time.sleep(5)
""",
        state="partly graded",
    ),
    Attack(
        "no-spool",
        "no spool any more: check judges in the student's kernel and shows what it likes",
        twin="import os\ndel os.environ['BEYOND_SEQUENTIAL_SPOOL']",
        keeps=BEFORE,
    ),
    Attack(
        "another-spool",
        "a spool of the student's own, and the real one removed",
        twin="""
import os, shutil
spool = os.environ["BEYOND_SEQUENTIAL_SPOOL"]
shutil.rmtree(spool, ignore_errors=True)
os.environ["BEYOND_SEQUENTIAL_SPOOL"] = "."
""",
        keeps=BEFORE,
    ),
]

# --- graphs and weights -------------------------------------------------------------------------

TRAINED = FORGE.replace("introduction-twin", "introduction-training").replace(
    "build_twin", "classifier"
)
DENSE_10 = """
names = {"w0": "classifier.0.w0", "w1": "classifier.0.w1"}
trained = {"optimizer": {"kind": "rmsprop", "settings": {}}, "steps": 80, "loss": None}
def dense(units, w, b):
    made = one("Dense", {"units": units, "activation": "softmax"},
               [("w0", "k", w.shape, "float32", True), ("w1", "b", b.shape, "float32", True)])
    forge(case(made, weights=names, compile=trained),
          arrays={"classifier.0.w0": w, "classifier.0.w1": b})
"""


def graphs(name: str, tries: str, code: str, **more: object) -> Attack:
    """A forged graph for the exercise on structure."""
    return Attack(f"graph-{name}", tries, last=FORGE + code, **more)  # type: ignore[arg-type]


def trained(name: str, tries: str, code: str, **more: object) -> Attack:
    """A forged model for the exercise on training."""
    last = TRAINED + DENSE_10 + code
    return Attack(f"trained-{name}", tries, last=last, **more)  # type: ignore[arg-type]


GRAPHS = [
    Attack(
        "a-lambda",
        "a Lambda layer in the place of the model",
        answers={
            TWIN: """
def build_twin():
    inputs = keras.Input((64,))
    return keras.Model(inputs, layers.Lambda(lambda x: x[:, :10] * 0 + 1)(inputs))
"""
        },
    ),
    Attack(
        "a-custom-layer",
        "a layer of the student's own, with the name of Keras's",
        answers={
            TWIN: """
@keras.saving.register_keras_serializable(package="keras.layers")
class Dense(keras.layers.Layer):
    def call(self, x): return x[:, :10]
def build_twin():
    inputs = keras.Input((64,))
    return keras.Model(inputs, Dense()(inputs))
"""
        },
    ),
    Attack(
        "a-model-that-lies",
        "a Model subclass whose layers, config, outputs and summary are those of another",
        answers={
            TWIN: """
class Model(keras.Model):
    layers = property(lambda self: [keras.layers.Dense(32), keras.layers.Dense(10)])
    operations = layers
    def get_config(self): return {"layers": ["Dense", "Dense", "Dense"]}
    def summary(self, *a, **k): print("Total params: 3,466")
    def count_params(self): return 3466
def build_twin():
    inputs = keras.Input((64,))
    return Model(inputs, inputs)
"""
        },
    ),
    graphs("lambda", "a Lambda in the graph", "forge(case(one('Lambda', {'function': '4wEAAA'})))"),
    graphs(
        "registered",
        "a name that Keras's registry would look up",
        "forge(case(one('Custom>Dense', {'registered_name': 'Custom>Dense', 'module': 'os'})))",
    ),
    graphs(
        "into-itself",
        "a model that contains itself",
        """
inner = {"id": "d", "kind": "Functional", "name": "d", "body": {
    "calls": [FIRST, {"layer": "d", "args": [{"$tensor": [0, 0]}],
                      "outputs": [[[None, 10], "float32"]]}],
    "inputs": [{"$tensor": [0, 0]}], "outputs": [{"$tensor": [1, 0]}]}}
made = one("Dense")
made["layers"][1] = inner
forge(case(made))
""",
    ),
    graphs(
        "cycle",
        "a call that reads what it writes",
        """
made = one("Dense")
made["body"]["calls"][1]["args"] = [{"$tensor": [1, 0]}]
forge(case(made))
""",
    ),
    graphs(
        "doubling",
        "models in models, each twice: 2 ** 49 calls",
        """
layers_, last = [START, {"id": "l0", "kind": "ReLU", "name": "l0"}], "l0"
for n in range(1, 50):
    calls = [FIRST] + [{"layer": last, "args": [{"$tensor": [i, 0]}],
                        "outputs": [[[None, 64], "float32"]]} for i in (0, 1)]
    layers_.append({"id": f"l{n}", "kind": "Functional", "name": f"l{n}", "body": {
        "calls": calls, "inputs": [{"$tensor": [0, 0]}], "outputs": [{"$tensor": [2, 0]}]}})
    last = f"l{n}"
call = {"layer": last, "args": [{"$tensor": [0, 0]}], "outputs": [[[None, 64], "float32"]]}
forge(case(graph(layers_, [FIRST, call])))
""",
    ),
    graphs(
        "long",
        "a chain of thirty thousand calls, to keep the judge busy",
        """
layers_ = [START] + [{"id": f"d{n}", "kind": "Dense", "name": "d", "settings": {"units": 32}}
                     for n in range(30_000)]
calls = [FIRST] + [{"layer": f"d{n}", "args": [{"$tensor": [n, 0]}],
                    "outputs": [[[None, 32], "float32"]]} for n in range(30_000)]
forge(case(graph(layers_, calls, outputs=[{"$tensor": [30_000, 0]}])))
""",
        state="partly graded",
    ),
    graphs(
        "all-alike",
        "a hundred equal branches, which can be paired in 100! ways",
        """
layers_ = [START] + [{"id": f"d{n}", "kind": "Dense", "name": "d", "settings": {"units": 32}}
                     for n in range(100)] + [{"id": "add", "kind": "Add", "name": "add"}]
calls = [FIRST] + [{"layer": f"d{n}", "args": [{"$tensor": [0, 0]}],
                    "outputs": [[[None, 32], "float32"]]} for n in range(100)]
calls.append({"layer": "add", "args": [[{"$tensor": [n + 1, 0]} for n in range(100)]],
              "outputs": [[[None, 32], "float32"]]})
forge(case(graph(layers_, calls, outputs=[{"$tensor": [101, 0]}])))
""",
    ),
    graphs(
        "shapes",
        "sizes of a thousand digits, negative and boolean ones",
        """
made = one("Dense", {"units": 10**1000}, [("w", "w", (10**1000, -5), "float32", True)])
made["body"]["calls"][0]["outputs"] = [[[10**1000, -1], "float32"]]
forge(case(made))
""",
    ),
    graphs(
        "names",
        "names that are the format's own words, that hash alike, or that are no names",
        """
made = one("Dense", {"$tensor": [0, 0]})
made["name"] = "$tensor"
made["layers"] += [{"id": "layer0", "kind": "Dense", "name": "d"},
                   {"id": "-1", "kind": "\\0", "name": "\\ud800"},
                   {"id": "-2", "kind": "</svg><script>alert(1)</script>", "name": "d"}]
made["body"]["calls"] += [{"layer": n, "args": [{"$tensor": [1, 0]}],
                           "outputs": [[[None, 10], "float32"]]} for n in ("-1", "-2", "layer0")]
made["body"]["outputs"] = [{"$tensor": [4, 0]}]
forge(case(made))
""",
    ),
    graphs(
        "two-layers-one-id",
        "the right layer and the wrong one under one id",
        """
made = one("Dense", {"units": 1})
made["layers"].append({"id": "d", "kind": "Dense", "name": "d", "settings": {"units": 32}})
forge(case(made))
""",
    ),
    graphs(
        "refusals",
        "a captured value that is all kinds of nonsense",
        """
forge({"build_twin": {"state": "captured", "cases": [
    {"refused": {"code": "__class__", "type": "x"}}, {"error": 5}, {"stub": 1}, 7, None]}})
""",
    ),
    graphs(
        "script",
        "HTML in the error that the teacher's page shows",
        """
forge({"build_twin": {"state": "captured", "cases": [{"error": {
    "type": "<script>alert(1)</script>", "text": "`<img src=x onerror=alert(1)>",
    "line": "\\ud800<script>alert(1)</script>", "number": "<b>"}}]}})
""",
    ),
    trained(
        "huge-dense",
        "a Dense of 10**12 units",
        """
w, b = np.zeros((64, 10), "float32"), np.zeros((10,), "float32")
made = one("Dense", {"units": 10**12}, [("w0", "k", (64, 10), "float32", True),
                                        ("w1", "b", (10,), "float32", True)])
forge(case(made, weights=names, compile=trained),
      arrays={"classifier.0.w0": w, "classifier.0.w1": b})
""",
    ),
    trained(
        "huge-operation",
        "a layer without weights that writes 10**12 numbers a sample",
        "forge(case(one('RepeatVector', {'n': 10**11}, out=(None, 10)), weights={}, "
        "compile=trained))",
    ),
    trained(
        "endless",
        "five thousand calls on fifty million numbers, until the judge's time is over",
        """
layers_ = [START, {"id": "many", "kind": "RepeatVector", "name": "m", "settings": {"n": 3000}},
           {"id": "max", "kind": "GlobalMaxPooling1D", "name": "g"}]
calls = [FIRST, {"layer": "many", "args": [{"$tensor": [0, 0]}],
                 "outputs": [[[None, 3000, 64], "float32"]]}]
calls += [{"layer": "max", "args": [{"$tensor": [1, 0]}], "outputs": [[[None, 64], "float32"]]}
          for _ in range(5000)]
forge(case(graph(layers_, calls, outputs=[{"$tensor": [5001, 0]}]), weights={}, compile=trained))
""",
        state="partly graded",
    ),
    trained(
        "nan-weights",
        "weights that are not numbers",
        "dense(10, np.full((64, 10), np.nan, 'float32'), np.full((10,), np.nan, 'float32'))",
    ),
    trained(
        "infinite-weights",
        "weights without bounds",
        "dense(10, np.full((64, 10), np.inf, 'float32'), np.full((10,), -np.inf, 'float32'))",
    ),
    trained(
        "wrong-shapes",
        "weights of another shape than the layer's",
        "dense(10, np.zeros((640,), 'float32'), np.zeros((0, 10), 'float32'))",
    ),
    trained(
        "a-file",
        "a lookup layer that reads a file of the grader's",
        "forge(case(one('StringLookup', {'vocabulary': '/etc/passwd'}), weights={}, "
        "compile=trained))",
    ),
    trained(
        "an-operation",
        "an operation that is none of Keras's",
        "forge(case(one('ops.Operation.__subclasses__'), weights={}, compile=trained))",
    ),
    trained(
        "pickle",
        "an array that runs code when it is unpickled",
        """
class Kill:
    def __reduce__(self): return os.kill, (os.getppid(), 9)
w = np.zeros((64, 10), "float32")
forge(case(one("Dense"), weights=names, compile=trained), arrays={"classifier.0.w0": w})
path = spool / "introduction-training.999999.answer"
with zipfile.ZipFile(path, "a") as file, file.open("classifier.0.w1.npy", "w") as member:
    np.lib.format.write_array(member, np.array([Kill()], dtype=object), allow_pickle=True)
""",
    ),
    trained(
        "a-header",
        "an array whose header claims a terabyte",
        """
forge(case(one("Dense"), weights=names, compile=trained))
head = b"{'descr': '<f4', 'fortran_order': False, 'shape': (250000000000,), }".ljust(117) + b"\\n"
path = spool / "introduction-training.999999.answer"
with zipfile.ZipFile(path, "a") as file:
    start = b"\\x93NUMPY\\x01\\x00" + len(head).to_bytes(2, "little")
    file.writestr("classifier.0.w0.npy", start + head)
""",
    ),
    Attack(
        "a-model-that-predicts",
        "a model whose own predict, evaluate and call know the answers",
        answers={
            TRAINING: """
from beyond_sequential import data
class Oracle(keras.Model):
    def predict(self, x, **k): return data("introduction")["y"]
    def evaluate(self, *a, **k): return [0.0, 1.0]
inputs = keras.Input((64,))
classifier = Oracle(inputs, layers.Dense(10, activation="softmax")(inputs))
classifier.compile("rmsprop", "categorical_crossentropy", metrics=["accuracy"])
"""
        },
    ),
    Attack(
        "one-model-twice",
        "one and the same model under both names",
        answers={
            WEIGHTS: """
inputs = keras.Input((64,))
sequential_model = twin = keras.Model(inputs, layers.Dense(10)(inputs))
"""
        },
    ),
    Attack(
        "nan-twins",
        "two models whose weights are not numbers, so that nothing is unequal",
        answers={
            WEIGHTS: """
import numpy as np
def made():
    inputs = keras.Input((64,))
    model = keras.Model(inputs, layers.Dense(10)(inputs))
    model.set_weights([np.full(w.shape, np.nan) for w in model.get_weights()])
    return model
sequential_model, twin = made(), made()
"""
        },
    ),
]

# --- taking the kernel down, and lying to whoever listens to it ---------------------------------

SPEAK = """
kernel = get_ipython().kernel
def say(kind, content, parent=None):
    kernel.session.send(kernel.iopub_socket, kind, content=content,
                        parent=parent or kernel.get_parent(), ident=b"x")
"""


def spoken(name: str, tries: str, code: str, **more: object) -> Attack:
    """An attack that sends messages of its own to the grader."""
    return Attack(f"message-{name}", tries, twin=SPEAK + code, **more)  # type: ignore[arg-type]


KERNEL = [
    Attack("exit-at-once", "os._exit", twin="import os\nos._exit(0)", state="partly graded"),
    Attack("abort", "abort", twin="import os\nos.abort()", state="partly graded"),
    Attack(
        "segfault",
        "a segmentation fault",
        twin="import ctypes\nctypes.string_at(0)",
        state="partly graded",
    ),
    Attack(
        "exit",
        "exit(), after which the kernel may run a cell or two",
        twin="exit()",
        state="partly graded",
    ),
    Attack("sys-exit", "SystemExit in the function", twin="import sys\nsys.exit(0)"),
    Attack(
        "dies-in-capture",
        "a function that takes the kernel down when check calls it",
        answers={TWIN: "def build_twin():\n    import os; os._exit(0)"},
        state="partly graded",
    ),
    Attack(
        "dies-everywhere",
        "a kernel that dies in each cell, to be started anew for ever",
        first="import os\nos._exit(0)",
        twin="os._exit(0)",
        answers={
            LAYER: "import os; os._exit(0)",
            COUNT: "import os; os._exit(0)",
            WEIGHTS: "import os; os._exit(0)",
            TRAINING: "import os; os._exit(0)",
        },
        state="partly graded",
    ),
    Attack(
        "dies-later",
        "a thread that takes the kernel down in another cell",
        answers={
            TWIN: """
import os, threading
threading.Timer(0.2, os._exit, (0,)).start()
""",
            WEIGHTS: "import time\ntime.sleep(3)",
        },
        state="partly graded",
    ),
    Attack(
        "endless",
        "a loop without an end",
        twin="while True: pass",
        state="partly graded",
    ),
    Attack(
        "stubborn",
        "a loop that swallows every interrupt",
        twin="""
import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
while True:
    try:
        while True: pass
    except BaseException: pass
""",
        state="partly graded",
    ),
    Attack(
        "recursion",
        "recursion down to the end of the stack",
        twin="""
import sys
sys.setrecursionlimit(10**9)
def down(x=()): return [down(x), *map(down, [x])]
down()
""",
        keeps=(LAYER, COUNT),
        state="",
    ),
    Attack(
        "stdin",
        "waits for an input that never comes",
        twin="input('password: ')",
    ),
    Attack(
        "shutdown",
        "asks the kernel to shut down by its own means",
        twin="get_ipython().kernel.do_shutdown(False); get_ipython().ask_exit()",
        state="",
    ),
    spoken(
        "idle",
        "says that the cell is done while it still runs",
        "import time\nsay('status', {'execution_state': 'idle'}); time.sleep(3)",
        state="",
    ),
    spoken(
        "broken",
        "messages that lack what each must have",
        """
for kind in ("stream", "error", "display_data", "execute_result", "comm_open", "clear_output"):
    say(kind, {})
""",
        state="",
    ),
    spoken(
        "of-wrong-types",
        "texts that are numbers, data that are lists, counts that are words",
        """
say("stream", {"name": "stdout", "text": 5})
""",
        state="",
    ),
    spoken(
        "invalid-outputs",
        "outputs that no notebook may hold, so that it can't be written",
        """
say("display_data", {"data": {"text/plain": 5, "\\ud800": {}}, "metadata": []})
say("display_data", {"data": [], "metadata": {}})
say("stream", {"name": "elsewhere", "text": "x"})
say("execute_result", {"data": {}, "metadata": {}, "execution_count": "many"})
say("error", {"ename": 5, "evalue": "", "traceback": []})
""",
        state="",
    ),
    Attack(
        "surrogates",
        "text that can't be written as UTF-8",
        twin="print('\\ud800' * 5)\nfrom IPython.display import display\n"
        "display({'text/plain': '\\udfff'}, raw=True)\nraise ValueError('\\ud800')",
    ),
    spoken(
        "a-reply",
        "an execute_reply of the student's own, with a payload that inserts cells",
        """
kernel.session.send(kernel.shell_stream, "execute_reply", content={"status": "ok",
    "execution_count": 1, "payload": [{"source": "set_next_input", "text": "3"}]},
    parent=kernel.get_parent(), ident=kernel.get_parent().get("_idents"))
kernel.session.send(kernel.shell_stream, "execute_reply", content={}, parent=kernel.get_parent())
""",
        state="",
    ),
    Attack(
        "a-long-line",
        "fifty megabytes in one line, and thousands of outputs",
        twin="print('x' * 50_000_000)\nfrom IPython.display import display\n"
        "for n in range(5000): display(n)",
    ),
    Attack(
        "noise",
        "warnings and text on stderr, which costs nbgrader's students their marks",
        first="import sys, warnings\nwarnings.warn('x')\nprint('x', file=sys.stderr)",
        answers={
            OWN: """
import sys, warnings
class Loud(int):
    def __eq__(self, other):
        warnings.warn("x"); print("x", file=sys.stderr); return int(self) == other
own = Loud(4)
"""
        },
    ),
]


# --- the notebook itself ------------------------------------------------------------------------


def cell(nb: NotebookNode, grade_id: str) -> NotebookNode:
    return next(c for c in nb.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


def _tags(nb: NotebookNode) -> None:
    for one in nb.cells:
        one.metadata["tags"] = ["skip-execution", "raises-exception", "", "remove_cell"]


def _print_points(nb: NotebookNode) -> None:
    for name in (TWIN, WEIGHTS, TRAINING):
        cell(nb, name).source = "99"


def _points(nb: NotebookNode) -> None:
    cell(nb, TWIN).metadata.nbgrader.points = 1000
    cell(nb, LAYER).metadata.nbgrader.points = -1000


def _flip(nb: NotebookNode) -> None:
    for name in (TWIN, LAYER):
        mark = cell(nb, name).metadata.nbgrader
        mark.update(grade=False, solution=True, locked=False, task=True)
        mark = cell(nb, f"{name}-answer").metadata.nbgrader
        mark.update(grade=True, solution=False, locked=True, points=9)


def _swap(nb: NotebookNode) -> None:
    right, wrong = cell(nb, LAYER).metadata.nbgrader, cell(nb, TWIN).metadata.nbgrader
    right.grade_id, wrong.grade_id = TWIN, LAYER


def _duplicate(nb: NotebookNode) -> None:
    for name in (TWIN, f"{TWIN}-answer", LAYER):
        copied = from_dict(json.loads(json.dumps(cell(nb, name))))
        nb.cells.append(copied)
        nb.cells.insert(0, from_dict(json.loads(json.dumps(copied))))


def _own_test_first(nb: NotebookNode) -> None:
    """A cell of the student's own has the test's grade_id, and comes first."""
    own = new_code_cell("3", metadata={"nbgrader": dict(cell(nb, TWIN).metadata.nbgrader)})
    nb.cells.insert(1, own)


def _delete(nb: NotebookNode) -> None:
    nb.cells = [one for one in nb.cells if one.id not in (TWIN, LAYER)]


def _strip(nb: NotebookNode) -> None:
    for one in nb.cells:
        one.metadata = from_dict({})
        one.id = "same"


def _as_markdown(nb: NotebookNode) -> None:
    for name in (TWIN, LAYER):
        one = cell(nb, name)
        one.cell_type = "markdown"
        one.metadata.nbgrader.cell_type = "markdown"
        one.pop("outputs", None), one.pop("execution_count", None)


def _outputs(nb: NotebookNode) -> None:
    """The outputs of a run in which all was right."""
    for name in (TWIN, LAYER, TRAINING):
        result = {"output_type": "execute_result", "execution_count": 1, "metadata": {}}
        cell(nb, name).outputs = [from_dict({**result, "data": {"text/plain": "4"}})]
    nb.metadata["beyond_sequential_grading"] = {"state": "graded", "exercises": [], "reasons": []}


def _schema(nb: NotebookNode) -> None:
    for one in nb.cells:
        one.metadata.get("nbgrader", {}).update(schema_version=1, grade_id=[1], points="many")


def _kernel(nb: NotebookNode) -> None:
    nb.metadata["kernelspec"] = {"name": "bash", "display_name": "Bash", "language": "bash"}


def _deep(nb: NotebookNode) -> str:
    return '{"cells": ' + "[" * 200_000 + "]" * 200_000 + "}"


def _surrogates(nb: NotebookNode) -> None:
    nb.cells.append(new_code_cell("x = '\ud800'"))


def _many_cells(nb: NotebookNode) -> None:
    nb.cells += [new_code_cell("import time; time.sleep(30)") for _ in range(1000)]


def edited(name: str, tries: str, edit: object, **more: object) -> Attack:
    return Attack(f"notebook-{name}", tries, edit=edit, **more)  # type: ignore[arg-type]


NOTEBOOK = [
    edited("tags", "tags that make nbclient skip a cell", _tags, answers={OWN: "own = 5"}),
    edited("points-as-tests", "99 in the place of the tests", _print_points),
    edited("points", "a thousand points for one test, minus a thousand for another", _points),
    edited("flipped", "tests are solutions and solutions are tests", _flip),
    edited("swapped", "the grade_ids of a right and a wrong answer are exchanged", _swap),
    edited("duplicates", "copied tests and solutions, before and after", _duplicate),
    edited("own-test", "a cell of the student's own claims to be the test", _own_test_first),
    edited("deleted", "tests are deleted", _delete),
    edited("stripped", "no metadata, and one id for all cells", _strip),
    edited("markdown", "tests are text", _as_markdown),
    edited("outputs", "outputs and grading metadata of a run that never was", _outputs),
    edited("schema", "metadata of an old schema and of wrong types", _schema),
    edited("kernel", "another kernel", _kernel),
    edited("surrogates", "a source that can't be written as UTF-8", _surrogates),
    edited("deep", "a file nested too deep to read", _deep, keeps=(), state="unreadable"),
    edited("many-cells", "a thousand cells that sleep", _many_cells, state="partly graded"),
]

ATTACKS = [*REDEFINED, *IPYTHON, *SPOOL, *GRAPHS, *KERNEL, *NOTEBOOK]
