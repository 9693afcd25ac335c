"""Maps as single HTML pages, drawn with folium, that ask nothing of any other host."""
