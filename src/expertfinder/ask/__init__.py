"""Everything a door may ask. Every read takes a `Viewer`."""
