"""What a run would do, told before it does it: plan, estimate, looks online; writes nothing."""
