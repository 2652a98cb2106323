"""Futures in blocks, on threads or a cluster, to Runs."""
