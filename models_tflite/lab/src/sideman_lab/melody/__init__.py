"""The melody family: training, export and evaluation."""
