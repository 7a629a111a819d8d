"""Steps of models: names of their keys, formats of their pieces, the store, the rule of costs."""
