"""The vendor: Jupiter's HTTP APIs."""
