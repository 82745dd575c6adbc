"""What a person sees and says of themselves: wishes, asks, who looked, all that is held, and leaving."""
