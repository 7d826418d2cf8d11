"""The REST door for tablets, scanners and machine gateways: what to do next, what a code means."""
