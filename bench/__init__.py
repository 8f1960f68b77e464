"""`tox -e bench`: where one run's time went, beside what no suite could avoid."""
