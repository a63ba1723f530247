"""Who is who, who may sign and who may trade, as of any day."""
