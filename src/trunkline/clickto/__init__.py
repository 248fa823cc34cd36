"""Click-to calls: building blocks, keys, activity, and the report that clients of DialogTech read."""
