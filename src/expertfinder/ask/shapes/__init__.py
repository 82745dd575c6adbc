"""The shapes in which every door gives its answers, one file a noun; JSON over HTTP and at the prompt alike."""
