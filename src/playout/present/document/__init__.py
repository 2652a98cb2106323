"""A scenario as a document: its parts as plain objects, as Markdown, and as diagrams."""
