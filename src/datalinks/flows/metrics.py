"""What operators see of runs: Prometheus counters of a worker."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_LATENCIES = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 1_800.0, 7_200.0)
_DURATIONS = (0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0, 120.0, 600.0, 3_000.0)


class FlowMetrics:
    """Counts what a worker does. queue: of the whole store; who counted it last is right."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.runs = Counter("datalinks_flow_runs", "Flow runs that ended.", ("state",), registry=registry)
        self.node_runs = Counter("datalinks_flow_node_runs", "Node runs that are over.", registry=registry)
        self.claimed = Histogram(
            "datalinks_flow_claim_seconds",
            "Time from the launch of a flow run to its first claim.",
            registry=registry,
            buckets=_LATENCIES,
        )
        self.seconds = Histogram(
            "datalinks_flow_run_seconds",
            "Time from the claim of a flow run to its end.",
            registry=registry,
            buckets=_DURATIONS,
        )
        self.queue = Gauge(
            "datalinks_flow_queue",
            "Flow runs that wait for a worker.",
            registry=registry,
            multiprocess_mode="mostrecent",
        )
        self.lost = Counter(
            "datalinks_flow_leases_lost",
            "Flow runs that a worker gave up as they were not its own any more.",
            registry=registry,
        )
        self.deleted = Counter("datalinks_flow_rows_deleted", "Rows of old flow runs deleted.", registry=registry)
