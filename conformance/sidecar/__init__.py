"""nginx with its exporter as a sidecar: the requests of each pod → Prometheus → adapter → HPA."""
