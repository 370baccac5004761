"""What a person typed to a tree that engines evaluate: `parsing` is the way in."""
