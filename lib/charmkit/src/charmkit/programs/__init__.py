"""Programs that charms push into workload containers; each is one file and needs no other."""
