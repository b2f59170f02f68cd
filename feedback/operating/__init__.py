"""How it is run: the first hour, mail settings, going live, pausing, and whether all is well."""
