(function () {
  "use strict";
  var here = document.currentScript;
  var form = document.createElement("form");
  form.action = {{ action|tojson }};
  form.setAttribute("role", "search");
  var box = document.createElement("input");
  box.type = "search";
  box.name = "q";
  box.setAttribute("aria-label", {{ label|tojson }});
  box.placeholder = {{ label|tojson }};
  var go = document.createElement("button");
  go.textContent = {{ button|tojson }};
  form.append(box, " ", go);
  here.after(form);
})();
