// Printing needs a script to be offered; without one the browser's own menu prints as well.
const button = document.querySelector("#print");
button.hidden = false;
button.addEventListener("click", () => window.print());
