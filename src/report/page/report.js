'use strict';
// What the page can do besides being read: filter a table by word and by reason, sort it. The controls appear with it.
(function () {
  function number(cell) {
    return cell.hasAttribute('data-v') ? parseFloat(cell.getAttribute('data-v')) : NaN;
  }

  function filter(table, controls) {
    const input = controls.querySelector('input');
    const chips = Array.from(controls.querySelectorAll('button'));
    const rows = Array.from(table.tBodies[0].rows);
    const words = rows.map(function (row) { return row.textContent.toLowerCase(); });
    const shown = document.getElementById(controls.getAttribute('data-shown'));
    const all = shown.textContent;
    function apply() {
      const asked = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      const chip = chips.find(function (c) { return c.getAttribute('aria-pressed') === 'true'; });
      const reason = chip ? chip.getAttribute('data-r') : '';
      let count = 0;
      rows.forEach(function (row, i) {
        const reasons = (row.getAttribute('data-r') || '').split(' ');
        row.hidden = !(asked.every(function (w) { return words[i].includes(w); }) && (!reason || reasons.includes(reason)));
        count += row.hidden ? 0 : 1;
      });
      shown.textContent = count === rows.length ? all : count + ' of ' + all;
    }
    input.addEventListener('input', apply);
    input.addEventListener('keydown', function (e) {
      if (e.key === 'Escape') { input.value = ''; apply(); }
    });
    chips.forEach(function (chip) {
      chip.addEventListener('click', function () {
        const on = chip.getAttribute('aria-pressed') !== 'true';
        chips.forEach(function (c) { c.setAttribute('aria-pressed', 'false'); });
        chip.setAttribute('aria-pressed', String(on));
        apply();
      });
    });
    controls.hidden = false;
  }

  function sort(table, column, down) {
    const body = table.tBodies[0];
    const rows = Array.from(body.rows).map(function (row, at) {
      const cell = row.cells[column];
      return { row: row, at: at, number: number(cell), text: cell.textContent.trim() };
    });
    rows.sort(function (a, b) {
      const numbers = !isNaN(a.number) || !isNaN(b.number);
      let order = numbers ? (isNaN(a.number) ? 1 : isNaN(b.number) ? -1 : (a.number - b.number) * (down ? -1 : 1))
        : a.text.localeCompare(b.text, 'en', { numeric: true }) * (down ? -1 : 1);
      if (!numbers && !a.text !== !b.text) order = a.text ? -1 : 1;
      return order || a.at - b.at;
    });
    rows.forEach(function (r) { body.appendChild(r.row); });
  }

  function sortable(table) {
    const heads = Array.from(table.tHead.rows[0].cells);
    heads.forEach(function (head, column) {
      if (!head.hasAttribute('data-s')) return;
      const name = head.textContent.trim();
      const button = document.createElement('button');
      const first = head.getAttribute('data-s');
      button.type = 'button';
      button.textContent = '\u2195';
      button.setAttribute('aria-label', 'Sort by ' + name);
      button.addEventListener('click', function () {
        const was = head.getAttribute('aria-sort');
        const down = was ? was === 'ascending' : first === 'n';
        heads.forEach(function (h) {
          h.removeAttribute('aria-sort');
          if (h.lastChild.nodeName === 'BUTTON') h.lastChild.textContent = '\u2195';
        });
        head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
        button.textContent = down ? '\u2193' : '\u2191';
        sort(table, column, down);
      });
      head.append(' ', button);
    });
  }

  document.querySelectorAll('table').forEach(function (table) {
    if (table.tHead && table.tHead.querySelector('[data-s]')) sortable(table);
  });
  document.querySelectorAll('.controls').forEach(function (controls) {
    filter(document.getElementById(controls.getAttribute('data-table')), controls);
  });
}());
