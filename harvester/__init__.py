"""The harvester for Figshare's usage statistics."""
