"""What an instructor and a maintainer run: building the course, grading a class.

The way of a submission: `authoring` builds the notebooks from their text, `course` makes a course
directory for nbgrader, `submissions` brings in what students hand in, `running` runs and judges one
submission, `classes` grades a whole class, `reports` shows the results.  `cli` is the command line
over them, `plugins` what a course's nbgrader_config.py names.
"""

import sys

# jsonschema can check internationalised addresses, where there is a grammar for them; to import
# that takes most of a second, and no notebook has any.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
