"""The algorithms' forms in the Processing toolbox: lists to choose from, help, and the history of runs."""
