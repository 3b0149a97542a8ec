"""The face towards a student's kernel: `data`, `draw`, `check` and `hint`."""
