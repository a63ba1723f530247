"""Measurements of Kimberlite beside the physical limits of the same run; one JSON object a line."""
