"""Analyses for people: terminal, report, page."""
