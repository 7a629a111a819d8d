"""The Browser's entry: connections, GEO sets and feeds, dragged onto the map."""
