"""Adapters to the directories at both ends. Each knows ports and model, never another adapter."""
