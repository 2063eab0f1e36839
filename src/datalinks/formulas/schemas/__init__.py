"""JSON schemas of values: made from values, merged, read by place, cut down, and used to bring values into shape."""
