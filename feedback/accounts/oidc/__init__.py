"""Signing in at the organisation's own OpenID provider: asked for, verified, matched to people."""
