"""Features of any geometry as rows of layers, layers as features to be published, and both in words."""
