"""Every measurement, in the order of a run: first those that only read what is shared."""

from bench.measurement import Measurement
from bench.measurements import batch, create, find, flows, formulas, imports, latency, memory, size

ALL: tuple[Measurement, ...] = (
    *find.MEASUREMENTS,
    *batch.MEASUREMENTS,
    *latency.MEASUREMENTS,
    *formulas.MEASUREMENTS,
    *flows.MEASUREMENTS,
    *create.MEASUREMENTS,
    *imports.MEASUREMENTS,
    *size.MEASUREMENTS,
    *memory.MEASUREMENTS,
)
