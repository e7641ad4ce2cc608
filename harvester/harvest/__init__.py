"""The harvest of a job: the only place that knows every stage."""
