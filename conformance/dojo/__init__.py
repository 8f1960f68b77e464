"""The dojo: a queue in Redis, its length as a metric, and consumers scaled on it; numbered as in the
exercise.
"""
