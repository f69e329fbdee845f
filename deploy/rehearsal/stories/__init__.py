"""What is done with a deployment, one module a topic. A story tells what it sees, and raises Wrong at what is wrong."""
