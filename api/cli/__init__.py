"""The command line: a module for each command or group of commands."""

import os

# To look for plugins of pydantic, of which none is ours, in all that is installed takes a while.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
