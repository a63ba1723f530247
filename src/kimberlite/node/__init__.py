"""Settings, clocks, wiring and jobs; the one place that knows everyone."""
