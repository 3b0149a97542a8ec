"""One trusted process for each jailed one: starts it, relays its bytes and watches its limits."""
