"""The content of the planner's pages (`/rete`): views, area sheets, scenarios, downloads."""
