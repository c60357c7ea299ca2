"""Engines: translations of `meaning.py`. Each finds alike; none knows another."""
