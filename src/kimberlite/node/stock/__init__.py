"""Blank stock: numbered security forms, from the printer to the certificate or the shredder.

Every movement is kept, by whom, when and why; holdings follow from the movements. Source: KPCS
Core Document, Annex I.A (unique numbering); national rules on securing blanks (US licensees
account for each, US-592 and the State Department's notice to licensees). The form is ours.
"""
