"""Decisions, rules and citations to words. Nothing is decided here."""
