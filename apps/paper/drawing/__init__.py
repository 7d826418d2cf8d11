"""Drawing on paper. Only here is the PDF library known; what comes in are records and words."""
