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

  // What is given in all, with the estimated card fee where it is to be added. The server reckons again.
  var sum = document.querySelector("[data-sum]");
  if (sum && window.Intl) {
    var cover = document.querySelector("[data-fee-percent]"), fee = cover ? cover.dataset : {};
    var code = sum.closest("form").dataset.currency, places = +sum.closest("form").dataset.places, unit = Math.pow(10, places);
    var written = new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency: code, minimumFractionDigits: places, maximumFractionDigits: places });
    var read = function (text) { return /^\d+([.,]\d+)?$/.test(text.trim()) ? Math.round(text.trim().replace(",", ".") * unit) : NaN; };
    var total = function () {
      var shares = Array.prototype.filter.call(document.querySelectorAll("[data-part]"), function (box) { return box.value.trim(); });
      if (shares.length) return shares.reduce(function (all, box) { return all + read(box.value); }, 0);
      var picked = document.querySelector("input[name=preset]:checked");
      return picked && picked.value !== "other" ? read(picked.value) : read(amount ? amount.value : "");
    };
    var tell = function () {
      var given = total(), ticked = cover && cover.querySelector("input").checked, share = fee.feePercent / 100;
      var step = places === 3 ? 10 : 1, added = ticked ? Math.ceil((given * share + +fee.feeFixed) / (1 - share) / step - 1e-9) * step : 0;
      sum.hidden = !(given > 0) || !(ticked || document.querySelector("[data-part]"));
      if (!sum.hidden) sum.textContent = (ticked ? sum.dataset.withFee : sum.dataset.plain).replace("{fee}", written.format(added / unit)).replace("{sum}", written.format((given + added) / unit));
    };
    sum.closest("form").addEventListener("input", tell);
    tell();
  }

  // A slip in a provider's name: a hint, never a refusal. How many letters two names share, in the order of the server's
  // difflib: the longest piece, then what is beside it; so that the page after this one asks the same.
  function shared(a, b) {
    for (var most = 0, at = 0, to = 0, i = 0; i < a.length; i++) for (var j = 0; j < b.length; j++) {
      for (var k = 0; i + k < a.length && a[i + k] === b[j + k];) k++;
      if (k > most) { most = k; at = i; to = j; }
    }
    return most && most + shared(a.slice(0, at), b.slice(0, to)) + shared(a.slice(at + most), b.slice(to + most));
  }
  function nearest(typed, providers) {
    var found = "", most = 0;
    providers.forEach(function (each) {
      var likeness = 2 * shared(each, typed) / (each.length + typed.length);
      if (likeness >= 0.85 && likeness > most) { most = likeness; found = each; }
    });
    return found;
  }
  document.querySelectorAll("[data-mail-providers]").forEach(function (hint) {
    var field = document.getElementById(hint.dataset.for), providers = hint.dataset.mailProviders.split(" "), right = new RegExp("^(?:" + hint.dataset.right + ")$");
    if (!field) return;
    field.addEventListener("change", function () {
      var at = field.value.lastIndexOf("@"), domain = field.value.slice(at + 1).trim().toLowerCase();
      var meant = at > 0 && !right.test(domain) && nearest(domain, providers);
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
