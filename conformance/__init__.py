"""What is asserted: a scenario a folder, a step a file, a behaviour a function; fixtures by name."""
