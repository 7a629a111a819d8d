"""Parameters that several algorithms share, as objects that an algorithm holds: ``add`` defines them,
``read`` returns their values."""
