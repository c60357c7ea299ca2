"""Audit: decisions that someone who does not trust us can verify."""

from jfsrules.audit.documents import Case
from jfsrules.audit.ledger import Head, Ledger, Receipt, append, append_many

__all__ = ["Case", "Head", "Ledger", "Receipt", "append", "append_many"]
