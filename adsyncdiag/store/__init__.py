"""The workspace's database: `opening` chooses the implementation, `sqlite` is the one there is (architecture.md, decision 5)."""
