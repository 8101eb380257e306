/* Forms of content: roles show only for their audience, and rich text editors carry the name of their field. */
(() => {
  const showRoles = () => {
    const radios = [...document.querySelectorAll('input[name="audience"]')];
    const role = document.querySelector('input[name="audience_roles"]');
    const panel = role && role.closest('.w-panel__wrapper, .w-panel');
    if (!radios.length || !panel) return;
    const show = () => {
      const chosen = radios.find((radio) => radio.checked);
      panel.hidden = !chosen || chosen.value !== 'roles';
    };
    radios.forEach((radio) => radio.addEventListener('change', show));
    show();
  };
  // The editor is drawn later than the page, and names itself nothing.
  const nameEditors = () => {
    const name = () => {
      document.querySelectorAll('.public-DraftEditor-content:not([aria-label])').forEach((editor) => {
        const label = editor.closest('.w-panel')?.querySelector('.w-panel__heading [data-panel-heading-text]');
        if (label) editor.setAttribute('aria-label', label.textContent.trim());
      });
    };
    name();
    const form = document.querySelector('[data-edit-form], #w-editor-form') || document.body;
    new MutationObserver(name).observe(form, { childList: true, subtree: true });
  };
  const ready = () => { showRoles(); nameEditors(); };
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', ready);
  else ready();
})();
