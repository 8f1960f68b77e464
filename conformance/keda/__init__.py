"""KEDA drives the dojo's consumers: the same queue and the same metric, and a ScaledObject in the place of
adapter and HPA.
"""
