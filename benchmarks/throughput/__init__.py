"""Messages per second through one common broker: this library side by side with its peers."""
