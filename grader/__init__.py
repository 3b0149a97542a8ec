"""What an instructor and a maintainer run: building the course, grading a class.

`build` makes the notebooks from their text, `course` a course directory for nbgrader, `execute`
runs a submission and lets `judging` decide in a process of its own, `collect` and `summary` stand
at the two ends of a class.  `cli` is the command line over them.
"""

import sys

# jsonschema can check internationalised addresses, where there is a grammar for them; to import
# that takes most of a second, and no notebook has any.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
