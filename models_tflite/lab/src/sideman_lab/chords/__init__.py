"""The chord family: net, training, export, baselines and evaluation."""
