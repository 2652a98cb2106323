"""What a scenario is: its parts, its expressions, its units and beliefs, and what makes it sound."""
