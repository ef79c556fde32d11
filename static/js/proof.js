// Asks, while somebody fills in the form, whether the site is under pressure. Only then the solver is loaded and does
// a sum that costs a robot more than a person. Without this file the form works too: the mail then speaks for them.
(function () {
  "use strict";
  var form = document.querySelector("form[data-challenge]");
  if (!form || !window.fetch || !window.Worker || !window.crypto || !crypto.subtle) return;
  var patience = 20000;
  var solving = null;

  function solve(challenge) {
    return new Promise(function (resolve) {
      var worker = new Worker(form.dataset.solver);
      worker.onmessage = function (message) { worker.terminate(); resolve(message.data); };
      worker.onerror = function () { worker.terminate(); resolve(null); };
      worker.postMessage({ type: "work", challenge: challenge, timeout: patience });
    }).then(function (solution) {
      if (solution && solution.derivedKey) {
        form.elements.altcha.value = btoa(JSON.stringify({ challenge: challenge, solution: solution }));
      }
    });
  }

  function begin() {
    solving = solving || fetch(form.dataset.challenge)
      .then(function (answer) { return answer.ok ? answer.json() : null; })
      .then(function (challenge) { return challenge && solve(challenge); })
      .catch(function () {});
    return solving;
  }

  form.addEventListener("focusin", begin);
  form.addEventListener("submit", function (event) {
    if (form.dataset.ready) return;
    event.preventDefault();
    var slow = setTimeout(function () { form.querySelector("[data-proof]").hidden = false; }, 400);
    var enough = new Promise(function (resolve) { setTimeout(resolve, patience); });
    Promise.race([begin(), enough]).then(function () {
      clearTimeout(slow);
      form.dataset.ready = "yes";
      form.submit();
    });
  });
  // Whoever comes back to the form starts over: a sum is good for one signature.
  window.addEventListener("pageshow", function (event) {
    if (!event.persisted) return;
    delete form.dataset.ready;
    form.elements.altcha.value = "";
    solving = null;
  });
})();
