"""SQL: SQLite through aiosqlite, or PostgreSQL; one schema for both."""
