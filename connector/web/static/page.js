// While the rules are being asked, look again every 250 ms and put the answer in place.
// Without scripts the page reloads itself by <meta http-equiv="refresh">.
(function () {
  "use strict";
  var left = 80;
  function look() {
    var main = document.querySelector("main[data-waiting]");
    if (!main) return;
    if (left-- <= 0) {
      document.querySelectorAll("[data-slow]").forEach(function (e) { e.hidden = false; });
      return;
    }
    fetch(location.href, { credentials: "same-origin", headers: { Accept: "text/html" } })
      .then(function (answer) { return answer.ok ? answer.text() : Promise.reject(); })
      .then(function (text) {
        var fresh = new DOMParser().parseFromString(text, "text/html").querySelector("main");
        if (fresh && (!fresh.hasAttribute("data-waiting") || fresh.textContent !== main.textContent)) {
          main.replaceWith(fresh);
        }
      })
      .catch(function () {})
      .then(function () { setTimeout(look, 250); });
  }
  setTimeout(look, 150);
})();
