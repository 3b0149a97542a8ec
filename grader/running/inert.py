"""Make an autograded notebook inert: nothing of a student's in it can run in a teacher's browser.

nbgrader's formgrader shows autograded notebooks on the teacher's Jupyter server, with the rights of
the teacher.  So of each output text and checked pictures are kept, of metadata what the grader
wrote, and Markdown that is not the release's can make no HTML element, no link to a script and no
definition for MathJax.  An invisible character (word joiner) does that, so that it reads as before.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_output

from grader.running.bitmaps import checked_bitmap

LANGUAGE = {"name": "python", "pygments_lexer": "ipython3"}
BITMAPS = ("image/png", "image/jpeg")
_JOINER = "\u2060"
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
# Where a joiner takes the meaning from what follows: tags and autolinks, entities, MathJax's
# commands for links, attributes and definitions, and the name of a language that pages run.
_BEFORE = re.compile(
    r"<(?=[A-Za-z/!?])|&(?=[#A-Za-z])"
    r"|\\(?=(?:href|url|require|style|class|cssId|mmlToken|html[a-z]*|data|toggle|begingroup|csname|"
    r"unicode|[gex]?def|let|(?:re)?new(?:command|environment)|DeclareMathOperator)(?![a-z]))"
    r"|mer(?=maid)",
    re.IGNORECASE,
)
# A colon ends the scheme of an address, which holds no blanks; these schemes run nothing.
_ATTACHMENT = r"\battachment:(?P<attachment>[^\s()<>\"']*)"
_COLON = re.compile(rf"\bhttps?://|\bmailto:|{_ATTACHMENT}|(?<!\]):(?=\S)", re.IGNORECASE)
_TABLE_RULE = re.compile(r"[|:\s-]+")


def make_inert(nb: NotebookNode, release: Collection[str] = ()) -> None:
    """Make a notebook inert, in place, before the grader's own verdicts are put into it.

    `release` has the sources of the release's Markdown and raw cells, which stay as they are.
    """
    nb.cells = [_inert_cell(cell, release) for cell in nb.cells]
    kernel = nb.metadata.get("kernelspec")
    kept = {key: nb.metadata[key] for key in ("beyond_sequential",) if key in nb.metadata}
    nb.metadata = nbformat.from_dict({**kept, "language_info": LANGUAGE})
    if isinstance(kernel, dict):
        nb.metadata["kernelspec"] = kernel


def release_texts(source: Iterable[NotebookNode]) -> frozenset[str]:
    """Return the sources of all Markdown and raw cells of a source notebook.

    nbgrader releases these cells as they are.
    """
    return frozenset(cell.source for cell in source if cell.cell_type != "code")


def _inert_cell(cell: NotebookNode, release: Collection[str]) -> NotebookNode:
    mark = cell.metadata.get("nbgrader")
    cell.metadata = nbformat.from_dict({"nbgrader": mark} if isinstance(mark, dict) else {})
    if cell.cell_type == "code":
        cell.outputs = list(_inert_outputs(cell.get("outputs", ())))
        if not isinstance(cell.get("execution_count"), int):
            cell.execution_count = None
        return cell
    names = _check_attachments(cell)
    if cell.source in release and names.issuperset(re.findall(_ATTACHMENT, cell.source)):
        return cell
    if cell.cell_type == "raw":  # whose text formgrader and JupyterLab take for HTML
        block = "".join(f"    {line}\n" for line in cell.source.splitlines())
        shown: NotebookNode = new_markdown_cell(inert_markdown(block), id=cell.id)
        shown.metadata = cell.metadata
        return shown
    cell.source = inert_markdown(cell.source, names)
    return cell


# --- Markdown -----------------------------------------------------------------------------------


def inert_markdown(source: str, attachments: Collection[str] = ()) -> str:
    """Return Markdown that makes no HTML elements, links to scripts or definitions of MathJax.

    An attachment other than `attachments` is no longer referred to: nbconvert would fail on it.
    """
    plain = _CONTROL.sub("", source.replace("\r\n", "\n").replace("\r", "\n"))
    broken = _BEFORE.sub(lambda found: found[0] + _JOINER, plain)

    def inert_colon(found: re.Match[str]) -> str:
        name = found["attachment"]
        is_harmless = len(found[0]) > 1 if name is None else name in attachments
        return found[0] if is_harmless else found[0].replace(":", f"{_JOINER}:")

    return "\n".join(
        line if _TABLE_RULE.fullmatch(line) else _COLON.sub(inert_colon, line)
        for line in broken.split("\n")
    )


def _check_attachments(cell: NotebookNode) -> set[str]:
    """Keep only pictures of the attachments that a Markdown cell has; return their names."""
    attached = cell.pop("attachments", None)
    if not isinstance(attached, dict):
        return set()
    kept = {
        str(name): pictures
        for name, data in attached.items()
        if isinstance(data, dict) and (pictures := _bitmaps(data))
    }
    if kept:
        cell["attachments"] = nbformat.from_dict(kept)
    return set(kept)


# --- outputs ------------------------------------------------------------------------------------


def _inert_outputs(outputs: object) -> Iterator[NotebookNode]:
    """Yield outputs without HTML and what is no valid output; a kernel can send anything."""
    for output in outputs if isinstance(outputs, (list, tuple)) else ():
        if isinstance(output, dict) and (inert := _inert_output(output)) is not None:
            yield inert


def _inert_output(output: Mapping[str, object]) -> NotebookNode | None:
    made: NotebookNode | None = None
    kind = output.get("output_type")
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        made = new_output("stream", name=name, text=_text(output.get("text")))
    elif kind == "error":
        frames = output.get("traceback")
        lines = [_text(frame) for frame in frames] if isinstance(frames, (list, tuple)) else []
        made = new_output(
            "error",
            ename=_text(output.get("ename")),
            evalue=_text(output.get("evalue")),
            traceback=lines,
        )
    elif kind in ("display_data", "execute_result"):
        found = output.get("data")
        if isinstance(found, dict) and (data := _inert_data(found)):
            made = new_output(str(kind), data=data)
            count = output.get("execution_count")
            if kind == "execute_result":
                made.execution_count = count if isinstance(count, int) else None
    return made


def _inert_data(data: Mapping[object, object]) -> dict[str, str]:
    """Return the pictures and the text of an output; of one that has only HTML, that it had."""
    kept = _bitmaps(data)
    if "text/plain" in data:
        kept["text/plain"] = _text(data["text/plain"])
    elif not kept and data:
        kept["text/plain"] = ", ".join(f"<{_text(kind)}>" for kind in data)
    return kept


def _bitmaps(data: Mapping[object, object]) -> dict[str, str]:
    found = {kind: checked_bitmap(kind, data[kind]) for kind in BITMAPS if kind in data}
    return {kind: content for kind, content in found.items() if content is not None}


def _text(value: object) -> str:
    """Return the text of a field that should hold text, in one piece or in several."""
    if isinstance(value, (list, tuple)):
        value = "".join(piece for piece in value if isinstance(piece, str))
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else ""
