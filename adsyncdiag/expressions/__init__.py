"""The rule language of the synchronisation engine: text in, one callable out (engine.md 2, server-export.md 3).

Text -> `lexer` -> `parser` -> `nodes` -> `checks` -> `compiler` -> closures; the vocabulary is one plain Python function
each under `functions/`. Every stage can be used alone. Nothing is imported here, so that starting up stays cheap:
take `compile_expression` from `compiler` and `Context` from `evaluation`.
"""
