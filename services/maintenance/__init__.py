"""What no request does and somebody must: send lost messages again, score every account each day, let old rows go.

Each task is safe to repeat, to run twice at once and to be killed: it goes by batches, one transaction each.
"""

from services.maintenance import account_sums
from services.maintenance.daily_scores import Night, nightly
from services.maintenance.lost_jobs import Swept, sweep
from services.maintenance.old_rows import Pruned, prune

__all__ = ["Night", "Pruned", "Swept", "account_sums", "nightly", "prune", "sweep"]
