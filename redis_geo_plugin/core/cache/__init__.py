"""The cache of costly geometry operations: keys, values, claims, and the run that ties them together."""
