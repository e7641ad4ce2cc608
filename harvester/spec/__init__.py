"""The job spec: YAML text in, a typed `JobSpec` out, or all of its mistakes at once."""
