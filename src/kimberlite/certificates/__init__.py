"""A certificate's life, from application to confirmed import."""
