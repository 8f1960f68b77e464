"""The baseline: metrics-server, and an HPA on the share of the requested cpu that is used."""
