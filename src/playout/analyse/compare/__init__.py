"""Policies, or views, held against each other future by future."""
