// Everything on the page can be read without this script: it adds the filter, the copy buttons, and opens what a
// link leads to.
(function () {
  'use strict';

  var all = function (selector, root) { return Array.prototype.slice.call((root || document).querySelectorAll(selector)); };
  var byId = function (id) { return document.getElementById(id); };

  document.documentElement.classList.add('js');
  // What only this script serves is hidden by an attribute, not by the style: a server may allow neither.
  all('.js-only').forEach(function (el) { el.hidden = false; });

  var rules = all('details.rule').map(function (el) {
    return {
      el: el,
      id: el.dataset.rule,
      verdict: el.dataset.verdict,
      head: null,
      scenarios: all('details.scenario', el).map(function (s) { return { el: s, verdict: s.dataset.verdict, text: null }; })
    };
  });
  var levels = all('section.level');
  var text = byId('filter-text'), rule = byId('filter-rule'), count = byId('filter-count');
  var chips = all('.chip');

  // The text of a large page is gathered when it is first searched, not when it loads.
  function headText(r) {
    if (r.head === null) {
      r.head = all(':scope > summary, :scope > .inside > p:not(.reason), :scope > .inside > .findings', r.el)
        .map(function (el) { return el.textContent; }).join(' ').toLowerCase();
    }
    return r.head;
  }
  function scenarioText(s) {
    if (s.text === null) { s.text = s.el.textContent.toLowerCase(); }
    return s.text;
  }

  function noun(n, one, many) { return n.toLocaleString('en') + ' ' + (n === 1 ? one : many); }

  function apply() {
    var words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    var pressed = chips.filter(function (c) { return c.getAttribute('aria-pressed') === 'true'; })
      .map(function (c) { return c.dataset.verdict; });
    var active = words.length > 0 || pressed.length > 0 || rule.value !== '';
    var shownRules = 0, shownScenarios = 0, opened = 0;

    rules.forEach(function (r) {
      var here = rule.value === '' || rule.value === r.id;
      var rest = here && words.length ? words.filter(function (w) { return headText(r).indexOf(w) < 0; }) : words;
      var matches = 0;
      r.scenarios.forEach(function (s) {
        var fits = here && (!pressed.length || pressed.indexOf(s.verdict) >= 0) &&
          rest.every(function (w) { return scenarioText(s).indexOf(w) >= 0; });
        s.el.hidden = !fits;
        if (fits) { matches++; }
      });
      var alone = !r.scenarios.length && here && !rest.length && (!pressed.length || pressed.indexOf(r.verdict) >= 0);
      var shown = matches > 0 || alone;
      r.el.hidden = !shown;
      if (shown) {
        shownRules++;
        shownScenarios += matches;
        if (active && opened < 40) { r.el.open = true; opened++; }
      }
    });
    levels.forEach(function (l) { l.hidden = !all('details.rule', l).some(function (el) { return !el.hidden; }); });
    byId('filter-none').hidden = shownRules > 0;
    byId('filter-clear').hidden = !active;
    count.textContent = noun(shownScenarios, count.dataset.noun, count.dataset.noun + 's') + ' in ' + noun(shownRules, 'promise', 'promises');
  }

  function clear() {
    text.value = '';
    rule.value = '';
    chips.forEach(function (c) { c.setAttribute('aria-pressed', 'false'); });
    apply();
  }

  if (text) {
    text.addEventListener('input', apply);
    rule.addEventListener('change', apply);
    chips.forEach(function (c) {
      c.addEventListener('click', function () {
        c.setAttribute('aria-pressed', c.getAttribute('aria-pressed') === 'true' ? 'false' : 'true');
        apply();
      });
    });
    byId('filter-clear').addEventListener('click', function () { clear(); text.focus(); });
    byId('open-all').addEventListener('click', function () {
      rules.forEach(function (r) { if (!r.el.hidden) { r.el.open = true; } });
    });
    byId('close-all').addEventListener('click', function () {
      all('main details').forEach(function (d) { d.open = false; });
    });
  }

  // A link opens what it leads to, and takes away a filter that hides it.
  function reveal() {
    var target = location.hash.length > 1 && byId(decodeURIComponent(location.hash.slice(1)));
    if (!target || !target.classList.contains('anchor')) { return; }
    if (target.closest('[hidden]')) { clear(); }
    for (var d = target.closest('details'); d; d = d.parentElement.closest('details')) { d.open = true; }
    target.scrollIntoView();
    target.focus({ preventScroll: true });
  }
  window.addEventListener('hashchange', reveal);
  document.addEventListener('click', function (event) {
    var link = event.target.closest('a[href^="#"]');
    if (link && link.getAttribute('href') === location.hash) { reveal(); }
  });
  reveal();

  function copy(value) {
    if (navigator.clipboard && window.isSecureContext) { return navigator.clipboard.writeText(value); }
    var area = document.createElement('textarea');
    area.value = value;
    area.className = 'vh';
    document.body.appendChild(area);
    area.select();
    var done = document.execCommand('copy');
    area.remove();
    return done ? Promise.resolve() : Promise.reject(new Error('not copied'));
  }
  document.addEventListener('click', function (event) {
    var button = event.target.closest('button.copy');
    if (!button) { return; }
    var pre = button.closest('.curl').querySelector('pre');
    var say = function (words) { button.textContent = words; byId('said').textContent = words; };
    copy(pre.textContent).then(function () { say('Copied'); }, function () {
      // Where the browser refuses, the command is selected: the usual keys copy it.
      window.getSelection().selectAllChildren(pre);
      say('Selected');
    });
  });
})();
