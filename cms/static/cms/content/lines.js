/* Repeated lines: add, remove and move text inputs. Every input has the same name; empty ones don't count. */
(() => {
  const renumber = (root) => {
    const list = root.querySelector('[data-lines-list]');
    const rows = [...list.children];
    rows.forEach((row, index) => {
      const input = row.querySelector('input');
      input.id = `${root.dataset.linesId}-${index}`;
      input.setAttribute('aria-label', root.dataset.linesLabel.replace('%d', index + 1));
      row.querySelector('[data-lines-up]').disabled = index === 0;
      row.querySelector('[data-lines-down]').disabled = index === rows.length - 1;
    });
    root.querySelector('[data-lines-add]').disabled = rows.length >= Number(root.dataset.linesMaximum);
  };
  const changed = (root) => root.dispatchEvent(new Event('change', { bubbles: true }));
  const start = (root) => {
    const list = root.querySelector('[data-lines-list]');
    root.querySelectorAll('[data-lines-tool]').forEach((tool) => { tool.hidden = false; });
    // The spare rows are for browsers without scripts: here there is a button.
    [...list.children].reverse().forEach((row) => {
      if (list.children.length > 1 && !row.querySelector('input').value && row === list.lastElementChild) row.remove();
    });
    root.addEventListener('click', (event) => {
      const button = event.target.closest('button');
      if (!button) return;
      const row = button.closest('li');
      if (button.matches('[data-lines-add]')) {
        const copy = list.lastElementChild.cloneNode(true);
        copy.querySelector('input').value = '';
        list.append(copy);
        renumber(root);
        copy.querySelector('input').focus();
      } else if (button.matches('[data-lines-remove]')) {
        const next = row.nextElementSibling || row.previousElementSibling;
        if (next) row.remove(); else row.querySelector('input').value = '';
        renumber(root);
        (next || row).querySelector('input').focus();
        changed(root);
      } else if (button.matches('[data-lines-up]') && row.previousElementSibling) {
        row.previousElementSibling.before(row);
        renumber(root);
        (button.disabled ? row.querySelector('[data-lines-down]') : button).focus();
        changed(root);
      } else if (button.matches('[data-lines-down]') && row.nextElementSibling) {
        row.nextElementSibling.after(row);
        renumber(root);
        (button.disabled ? row.querySelector('[data-lines-up]') : button).focus();
        changed(root);
      }
    });
    renumber(root);
  };
  const ready = () => document.querySelectorAll('[data-lines]').forEach(start);
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', ready);
  else ready();
})();
