"""What is installed: charts, scenarios and stacks. `python -m charts` tells of stacks."""
