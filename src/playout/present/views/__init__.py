"""Analyses → plain view data: everything a chart, a report or a page needs, with no frame and no model object in it.

Runs, Summary ──page_of──▶ Page ──charts──▶ specifications
                             └────templates──▶ HTML
"""
