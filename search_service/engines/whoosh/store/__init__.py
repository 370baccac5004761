"""What a generation holds, read where it lies: segments of packed arrays."""
