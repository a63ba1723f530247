"""Pages worth printing: certificate, import confirmation, overprint, blank stock, day register."""
