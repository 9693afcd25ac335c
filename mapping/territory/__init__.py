"""Areas of a city and the people who live in them."""
