"""Write a plan into the store: the only place where a synchronisation or an import changes anything.

The caller opens the unit of work, so that one plan or five hundred are one transaction.
"""

from __future__ import annotations

from adsyncdiag.model.changes import StagingPlan, SyncPlan
from adsyncdiag.ports import UnitOfWork


def apply_import(plan: StagingPlan, work: UnitOfWork) -> None:
    """Store what an import brought."""
    if plan.displaced is not None:
        work.save_cs(plan.displaced)
    work.save_cs(plan.after)


def apply_synchronization(plan: SyncPlan, work: UnitOfWork) -> None:
    """Store what a synchronisation decided; of a failed one only the error on the object."""
    if plan.failure is not None:
        work.save_cs(plan.after)
        return
    if plan.metaverse_after is not None:
        work.save_mv(plan.metaverse_after)
    work.save_cs(plan.after)
    for outbound in plan.outbound:
        if outbound.after is None:
            if outbound.before is not None:
                work.remove_cs(outbound.before.id)
        elif outbound.after.id != plan.after.id and outbound.after != outbound.before:
            work.save_cs(outbound.after)
    if plan.metaverse_before is not None and plan.metaverse_after is None:
        work.remove_mv(plan.metaverse_before.id)
