"""What `lab init` writes: a server export, a forest and a tenant of our own, with an object for each way of failing."""
