"""How well every area is served: walks to the nearest services, classes, reasons, inequality."""
