"""What an administrator asks of the engine: the ten steps of one object, and why it stopped where it stopped."""
