"""How each image of the bundle is built with no registry: one folder an image, `sets/` the Go modules."""
