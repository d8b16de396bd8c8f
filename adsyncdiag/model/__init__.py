"""Nouns: frozen values that every other package speaks in. Nothing here reads or writes anything."""
