"""How a certificate is carried: printed codes, pages, credentials, and reading them back."""
