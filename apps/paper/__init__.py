"""Paper: travellers and labels as PDF, and what was printed of which job. Knows all below it."""
