"""Tests of what comments are read for."""
