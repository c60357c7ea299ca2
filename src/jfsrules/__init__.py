"""Where a country stands in the EU's external justice and home affairs policy, and why."""
