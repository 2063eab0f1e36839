"""Programs that a run starts, each in a room of its own; each ends with what it was given to end with."""
