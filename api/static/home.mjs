// With JavaScript the map opens by itself; without it, the button does the same.
document.getElementById("show-map")?.submit();
