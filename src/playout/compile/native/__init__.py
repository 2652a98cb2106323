"""The native engine: a Program as LLVM vector code (docs/explanation/engine.md)."""
