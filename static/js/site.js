// Comfort only: every page works without this file.
(function () {
  "use strict";

  // The count moves while somebody looks at it.
  var count = document.querySelector("[data-count]");
  if (count && window.fetch) {
    var format = new Intl.NumberFormat(document.documentElement.lang);
    var look = function () {
      if (document.hidden) return;
      fetch(count.dataset.count).then(function (answer) { return answer.ok ? answer.json() : null; }).then(function (found) {
        if (found && found.online > 0) count.textContent = format.format(found.online);
        var paper = document.querySelector("[data-count-paper]");
        if (found && paper && found.paper > 0) paper.textContent = paper.dataset.countPaper.replace("{}", format.format(found.paper));
      }).catch(function () {});
    };
    setInterval(look, 20000);
    document.addEventListener("visibilitychange", look);
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

  // A slip in a provider's name: one letter more, less or other, or two swapped. A hint, never a refusal.
  function isOneSlip(a, b) {
    var from = 0, end = 0, most = Math.max(a.length, b.length);
    while (from < most && a[from] === b[from]) from++;
    while (end < Math.min(a.length, b.length) - from && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
    var here = a.slice(from, a.length - end), there = b.slice(from, b.length - end);
    return here.length < 2 && there.length < 2 || here.length === 2 && there === here[1] + here[0];
  }
  document.querySelectorAll("[data-mail-providers]").forEach(function (hint) {
    var field = document.getElementById(hint.dataset.for), providers = hint.dataset.mailProviders.split(" "), right = new RegExp("^(?:" + hint.dataset.right + ")$");
    if (!field) return;
    field.addEventListener("change", function () {
      var at = field.value.lastIndexOf("@"), domain = field.value.slice(at + 1).trim().toLowerCase();
      var meant = at > 0 && domain.length > 4 && !right.test(domain) && providers.filter(isOneSlip.bind(null, domain))[0];
      hint.textContent = meant ? hint.dataset.words.replace("{}", field.value.slice(0, at + 1) + meant) : "";
    });
  });

  document.querySelectorAll("[data-print]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });

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
