"""Whether all is well here: for probes, for Prometheus, and for `flask check`."""
