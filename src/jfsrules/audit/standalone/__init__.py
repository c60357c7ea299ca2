"""The verifier that travels with every bundle: one file, nothing but Python's own library."""
