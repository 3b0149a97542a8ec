"""What a jailed process may read."""

from __future__ import annotations

import pytest

from jailed_kernels.jail.plan import readable_paths


def test_a_course_on_the_path_is_not_readable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend("/course")
    assert not any(path.startswith("/course") for path in readable_paths([]))
