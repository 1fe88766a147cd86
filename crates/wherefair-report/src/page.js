document.documentElement.classList.add("js");
document.addEventListener("click", function (event) {
  var link = event.target.closest("a[href^='#map-']");
  var frame = link ? document.getElementById(link.hash.slice(1)) : null;
  if (frame) { frame.closest("details").open = true; }
});
