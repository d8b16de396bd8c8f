"""The command line: parses, wires, calls, prints. One file a command or command family; nothing is decided here."""
