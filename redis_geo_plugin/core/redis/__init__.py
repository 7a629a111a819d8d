"""The one door to Redis and Valkey: settings, clients, deadlines, the production gate, failures by kind."""
