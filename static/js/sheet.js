// Comfort only: Enter goes on to the next field of a sheet, and from the last one to the button. Without this file
// Enter looks at what is typed, and nothing is lost.
(function () {
  "use strict";
  var form = document.querySelector("[data-sheet]");
  if (!form) return;
  var fields = Array.prototype.slice.call(form.querySelectorAll(".entry input"));
  form.addEventListener("keydown", function (event) {
    var at = fields.indexOf(event.target);
    if (event.key !== "Enter" || at < 0 || event.isComposing) return;
    event.preventDefault();
    var next = fields[at + 1] || form.querySelector("[data-enter]");
    next.focus();
    if (next.select) next.select();
  });
})();
