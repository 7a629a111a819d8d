"""The Processing provider and its algorithms. Never imports gui: it runs headless too."""
