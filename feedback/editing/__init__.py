"""Writing surveys: drafts, their preview, and what it takes to publish one."""
