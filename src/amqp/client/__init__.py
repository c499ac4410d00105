"""What a client does above the protocol, without I/O, clock or threads; the front ends add waiting and nothing else."""
