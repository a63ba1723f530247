"""Pages judged by validators of others: veraPDF for PDF/A and PDF/UA, the EU's DSS for PAdES."""
