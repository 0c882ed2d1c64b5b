"""How loud the box is: every sound measured with the appliance's synthesiser and font, and whole takes part by part."""
