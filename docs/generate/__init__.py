"""What is written with the repository, not by the package: each file has its generator here."""
