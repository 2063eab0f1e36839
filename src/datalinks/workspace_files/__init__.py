"""A workspace's elements as files: what a folder says of them becomes elements, and elements become files again.

``scanning`` finds files, ``documents`` and ``yaml_reading`` read them, ``elements`` understands them, ``importing`` writes
what they say; ``exporting`` goes the other way. Nothing here executes what an element says.
"""
