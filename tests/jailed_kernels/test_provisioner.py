"""Which kernels Jupyter may have run here."""

from __future__ import annotations

import pytest
from jupyter_client.kernelspec import KernelSpec

from jailed_kernels.provisioner import require_ipykernel


@pytest.mark.parametrize("argv", [["ir", "-f", "x"], ["/other/python", "-m", "ipykernel_launcher"]])
def test_other_kernels_are_refused(argv: list[str]) -> None:
    with pytest.raises(RuntimeError, match="only that can be jailed"):
        require_ipykernel(KernelSpec(argv=argv, display_name="Other"))
