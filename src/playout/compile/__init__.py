"""Scenarios to Programs, and the engines that play them."""
