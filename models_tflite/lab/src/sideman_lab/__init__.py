"""Training, evaluation and export of Sideman's models; not part of the appliance."""
