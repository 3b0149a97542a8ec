"""What a student can write to run a script in a browser; each calls `ran(NUMBER)`."""

from __future__ import annotations

import base64
import re

SCRIPT = "<script>ran(1)</script>"
IMAGE = "<img src=x onerror=ran(1)>"

# Markdown, each for one way to an element, an address or a definition.
MARKDOWN = [
    SCRIPT,
    IMAGE,
    f"# A heading\n{SCRIPT}",
    f"# {IMAGE}",
    f"A heading {IMAGE}\n=====",
    '# x" onmouseover="ran(1)',
    "<svg onload=ran(1)>",
    "<svg><script>ran(1)</script></svg>",
    "<SVG/ONLOAD=ran(1)>",
    "<iframe src=javascript:parent.ran(1)></iframe>",
    "<iframe srcdoc='<script>parent.ran(1)</script>'></iframe>",
    "<details open ontoggle=ran(1)>",
    "<input autofocus onfocus=ran(1)>",
    "<math><mi xlink:href=javascript:ran(1)>x</mi></math>",
    "<a href='javascript:ran(1)'>x</a>",
    "<object data=javascript:ran(1)>",
    "<form action=javascript:ran(1)><button>x</button></form>",
    "<style>@import 'x'</style><body onload=ran(1)>",
    "<x onclick=ran(1)>x</x>",
    "<!--><script>ran(1)</script>-->",
    "<![CDATA[<script>ran(1)</script>]]>",
    "<?php <script>ran(1)</script> ?>",
    "</div></div></div><script>ran(1)</script>",
    "<\x00script>ran(1)</script>",
    "<scr\x00ipt>ran(1)</script>",
    "<scr<script>ipt>ran(1)</script>",
    "&lt;script&gt;ran(1)&lt;/script&gt;",
    "&#60;script&#62;ran(1)&#60;/script&#62;",
    f"# &lt;script>ran(1)</script>\n\n{SCRIPT}",
    "[x](javascript:ran(1))",
    "[x](JaVaScRiPt:ran(1))",
    "[x](<javascript:ran(1)>)",
    "[x](<java\tscript:ran(1)>)",
    "[x](javascript&colon;ran(1))",
    "[x](java&#10;script:ran(1))",
    "[x](&#x6A;avascript:ran(1))",
    "[x](javascript\\:ran(1))",
    "[x](\x01javascript:ran(1))",
    "[x](vbscript:ran(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5yYW4oMSk8L3NjcmlwdD4=)",
    "[x](data:text/html,<script>opener.ran(1)</script>)",
    "![x](javascript:ran(1))",
    '![x](x" onerror="ran(1))',
    '[x](x "y" onmouseover="ran(1)")',
    "[x]\n\n[x]: javascript:ran(1)",
    "[x]\n\n[x]:javascript:ran(1)",
    "<javascript:ran(1)>",
    "[x][y]\n\n[y]: <javascript:ran(1)> 'z'",
    f"| a |\n|:--|\n| {IMAGE} |",
    f"- {IMAGE}\n  - {SCRIPT}",
    f"> {IMAGE}",
    f"x[^1]\n\n[^1]: {IMAGE}",
    f"```\n```\n{SCRIPT}",
    f"```html\n{SCRIPT}\n``` x\n{SCRIPT}\n```",
    f"~~~\n{SCRIPT}\n~~~~ y\n{IMAGE}",
    f"``{SCRIPT}` {IMAGE}",
    '```"><script>ran(1)</script>\nx\n```',
    '```x" onmouseover="ran(1)\nx\n```',
    '```mermaid\ngraph TD\nA["<img src=x onerror=ran(1)>"]\nclick A href "javascript:ran(1)"\n```',
    "$\\href{javascript:ran(1)}{x}$",
    "$$\\href{javascript:ran(1)}{x}$$",
    "$\\newcommand{\\h}[1]{\\href{javascript#1}{x}}\\h{:ran(1)}$",
    "\\\\[\\href{javascript:ran(1)}{x}\\\\]",
    "$\\def\\h{\\href{javascript:ran(1)}{x}}\\h$",
    "$\\mmlToken{mi}[href='javascript:ran(1)']{x}$",
    "$\\style{background:url(javascript:ran(1))}{x}$",
    "$\\text{<img src=x onerror=ran(1)>}$",
    "$\\unicode{<img src=x onerror=ran(1)>}$",
    "$</script><script>ran(1)</script>$",
    "\\begin{equation}<img src=x onerror=ran(1)>\\end{equation}",
]

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
BASE64_PNG = base64.b64encode(PNG).decode()
_SVG = '<svg xmlns="http://www.w3.org/2000/svg" onload="ran(1)"><script>ran(1)</script></svg>'

# Data of an output, each by type.
OUTPUTS = [
    {"text/html": SCRIPT},
    {"text/html": IMAGE, "text/plain": "x"},
    {"text/html": ["<scr", "ipt>ran(1)</script>"]},
    {"application/javascript": "ran(1)"},
    {"application/javascript": ["ran", "(1)"], "text/plain": IMAGE},
    {"text/markdown": SCRIPT},
    {"text/markdown": "[x](javascript:ran(1))"},
    {"text/latex": "$\\href{javascript:ran(1)}{x}$"},
    {"text/latex": SCRIPT},
    {"image/svg+xml": _SVG},
    {"image/svg+xml": [_SVG]},
    {"image/png": '"><script>ran(1)</script>'},
    {"image/png": BASE64_PNG + '" onload="ran(1)'},
    {"image/jpeg": "x' onerror='ran(1)"},
    {"image/gif": 'R0lGOD"><script>ran(1)</script>'},
    {"application/pdf": IMAGE},
    {"text/x-unknown": SCRIPT},
    {'"><script>ran(1)</script>': SCRIPT},
    {"application/vnd.jupyter.widget-view+json": {"model_id": '"><script>ran(1)</script>'}},
    {"application/vnd.plotly.v1+json": {"data": [{"text": IMAGE}]}},
    {"application/vnd.vega.v5+json": {"signals": IMAGE}},
    {"application/json": {"a": IMAGE}},
    {"application/geo+json": {"a": IMAGE}},
    {"text/plain": f"{SCRIPT}\x1b[31m{IMAGE}\x1b]8;;javascript:ran(1)\x07x\x1b]8;;\x07"},
    {"text/plain": [SCRIPT, IMAGE]},
    {"text/vnd.mermaid": 'graph TD\nA["<img src=x onerror=ran(1)>"]'},
]


def numbered(text: str, number: int) -> str:
    """Return a payload that calls `ran` with another number."""
    return re.sub(r"ran\(1\)", f"ran({number})", text)
