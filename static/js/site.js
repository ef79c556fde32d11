// Comfort only: every page works without this file.
(function () {
  "use strict";

  // The count moves while somebody looks at it.
  var count = document.querySelector("[data-count]");
  if (count && window.fetch) {
    var format = new Intl.NumberFormat(document.documentElement.lang);
    setInterval(function () {
      if (document.hidden) return;
      fetch(count.dataset.count).then(function (answer) { return answer.ok ? answer.json() : null; }).then(function (found) {
        if (found && found.total > 0) count.textContent = format.format(found.total);
      }).catch(function () {});
    }, 20000);
  }

  // Typing another amount picks it; picking an offered one clears what was typed.
  var amount = document.querySelector("[data-other-amount]");
  if (amount) {
    var presets = document.querySelectorAll("input[name=preset]");
    amount.addEventListener("input", function () {
      if (amount.value) presets.forEach(function (preset) { preset.checked = preset.value === "other"; });
    });
    presets.forEach(function (preset) {
      preset.addEventListener("change", function () { if (preset.value !== "other") amount.value = ""; else amount.focus(); });
    });
  }

  // Copy and share, where the browser can. No address means this page's.
  var here = location.href.split("#")[0];
  document.querySelectorAll("[data-copy]").forEach(function (button) {
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener("click", function () {
      navigator.clipboard.writeText(button.dataset.copy || here).then(function () { button.textContent = button.dataset.done; });
    });
  });
  document.querySelectorAll("[data-share]").forEach(function (button) {
    if (!navigator.share) return;
    button.hidden = false;
    button.addEventListener("click", function () {
      navigator.share({ text: button.dataset.text, url: button.dataset.share || here }).catch(function () {});
    });
  });
})();
