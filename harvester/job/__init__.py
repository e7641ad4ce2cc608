"""A job opened: its spec read once, its settings, credentials, folder, hosts and progress."""
