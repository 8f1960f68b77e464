"""What a run leaves behind: the report's model, its schema, its writers and the terminal's lines."""
