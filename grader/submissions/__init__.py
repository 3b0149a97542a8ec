"""From downloads to submissions that can be graded."""
