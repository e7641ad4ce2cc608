"""Where a job's ids come from beside the spec itself: files, and Figshare's listings."""
