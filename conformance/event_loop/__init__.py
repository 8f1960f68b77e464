"""The scenario event_loop: a gauge of each pod, renamed labels, and the adapter as it is run in
production.
"""
