// Asks how far an import is and shows it; leads on when it is done. Read out every tenth of the way only.
(() => {
  const area = document.querySelector("[data-import-state]");
  if (!area) return;
  const bar = area.querySelector("[data-import-bar]");
  const text = area.querySelector("[data-import-text]");
  const said = area.querySelector("[data-import-said]");
  let tenth = Math.floor(bar.value / 10);
  let pause = 2000;

  const ask = async () => {
    // Nobody looks: ask when somebody does again.
    if (document.hidden) {
      document.addEventListener("visibilitychange", ask, { once: true });
      return;
    }
    try {
      const answer = await fetch(area.dataset.importState, { headers: { Accept: "application/json" } });
      if (answer.redirected || !answer.ok) throw new Error(String(answer.status));
      const state = await answer.json();
      if (state.next) {
        window.location.assign(state.next);
        return;
      }
      if (state.stopped) {
        window.location.reload();
        return;
      }
      bar.value = state.percent;
      bar.textContent = `${state.percent} %`;
      text.textContent = state.text;
      if (Math.floor(state.percent / 10) !== tenth) {
        tenth = Math.floor(state.percent / 10);
        said.textContent = state.text;
      }
      pause = 2000;
    } catch {
      // Signed out or the server restarts: less and less often, until it answers again.
      pause = Math.min(pause * 2, 30000);
    }
    setTimeout(ask, pause);
  };
  setTimeout(ask, pause);
})();
