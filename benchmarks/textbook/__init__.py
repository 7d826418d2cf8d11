"""The same work as a good tutorial has it: what Andon's figures are compared with."""
