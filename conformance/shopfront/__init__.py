"""shopfront: a web shop is scaled on the requests a second of each of its pods."""
