"""The synchronisation engine: decides and returns plans; reads through ports, changes nothing itself."""
