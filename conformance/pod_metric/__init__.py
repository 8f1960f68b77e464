"""What every scenario shares whose metric is one of the application's pods."""
