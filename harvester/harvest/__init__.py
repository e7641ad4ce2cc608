"""One run of a job: begun or resumed, carried out step by step, published, ended."""
