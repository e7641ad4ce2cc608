"""What people look at: the output folder read with SQL, as one HTML page or as tables."""
