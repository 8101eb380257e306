/* Shows the roles only while the audience is "members with certain roles". */
(() => {
  const ready = () => {
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
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', ready);
  else ready();
})();
