"""What a run found, for programs and for people: JSON in three dialects, one HTML file, a few lines for a terminal.

Read `document.py` (the facts as text), `build.py` (from the record), then `graph.py` and `page.py` (the two main readers).
"""
