"""The Jobs dock: sending features to workers, following batches, results as they come, failed jobs,
workers."""
