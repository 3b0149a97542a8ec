"""The repository's own rules, those that take no time, in one run."""

from tests.repository.test_annotations import *  # noqa: F403
from tests.repository.test_contents import *  # noqa: F403
from tests.repository.test_dependencies import *  # noqa: F403
from tests.repository.test_imports import *  # noqa: F403
from tests.repository.test_mirror import *  # noqa: F403
from tests.repository.test_names import *  # noqa: F403
from tests.repository.test_sizes import *  # noqa: F403
