"""Other ways to serve the same answers, each as good as its own best practice makes it."""
