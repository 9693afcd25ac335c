"""The domain: places, travel, coverage and grey zones, without any HTTP."""
