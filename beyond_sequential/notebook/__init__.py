"""The face towards a student's kernel: `data`, `draw`, `check`, `hint` and `report`."""
