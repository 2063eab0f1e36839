"""What can go wrong with an evaluation besides what its language calls an error."""

from datalinks.errors import DataLinksError


class SandboxError(DataLinksError):
    """An evaluation gave no answer. Raised itself if its process could not be started."""

    code = "sandbox_failed"


class EvaluationTooSlow(SandboxError):
    """An evaluation took longer than the deadline and was stopped."""

    code = "evaluation_too_slow"


class EvaluationTooLarge(SandboxError):
    """An answer is larger than answers may be, or its evaluation needed more memory than it may have."""

    code = "evaluation_too_large"


class EvaluationDied(SandboxError):
    """The process ended during an evaluation: mostly for want of memory, which engines cannot always report."""

    code = "evaluation_died"
