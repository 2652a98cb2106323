"""YAML, CSV and prose in; scenarios as written out."""
