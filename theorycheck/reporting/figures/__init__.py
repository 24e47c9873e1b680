"""Every figure; the only place that draws."""
