"""Audit: decisions that someone who does not trust us can verify."""

from jfsrules.audit.documents import Case
from jfsrules.audit.ledger import Head, Ledger, Receipt

__all__ = ["Case", "Head", "Ledger", "Receipt"]
