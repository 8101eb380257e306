// Reads public content from Meander's API and books a demo through it.
// The API's address is this page's own host, port 8000, unless ?api=https://… names another.
const api = new URL(new URLSearchParams(location.search).get("api") ?? `http://${location.hostname}:8000`);
const locale = document.documentElement.lang;

async function call(path, options = {}) {
  const response = await fetch(new URL(`/api/v1/${path}`, api), {
    ...options,
    headers: { "Accept-Language": locale, ...options.headers },
  });
  const body = response.status === 204 ? null : await response.json();
  if (!response.ok) throw Object.assign(new Error(body.detail ?? body.title), { problem: body });
  return body;
}

async function showFaqs() {
  const target = document.getElementById("faqs");
  try {
    const { results } = await call(`content/faqs/?locale=${locale}&page_size=100`);
    target.replaceChildren(
      ...results.map((faq) => {
        const details = document.createElement("details");
        const summary = document.createElement("summary");
        summary.textContent = faq.question;
        const answer = document.createElement("div");
        // The server has cleaned this HTML (docs/api.md).
        answer.innerHTML = faq.answer_html;
        details.append(summary, answer);
        return details;
      }),
    );
    if (!results.length) target.textContent = "Ingen spørsmål ennå.";
  } catch (error) {
    target.textContent = `Spørsmålene kunne ikke hentes: ${error.message}`;
  }
}

async function showSlots() {
  const target = document.getElementById("slots");
  try {
    const { results } = await call("demo-slots/");
    const format = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "short" });
    target.replaceChildren(
      ...results.map((slot) => {
        const label = document.createElement("label");
        const box = Object.assign(document.createElement("input"), {
          type: "checkbox",
          name: "wished_slots",
          value: slot.id,
        });
        label.append(box, ` ${format.format(new Date(slot.starts_at))}`);
        return label;
      }),
    );
    if (!results.length) target.textContent = "Ingen ledige tider nå – send likevel, så finner vi en.";
  } catch {
    target.textContent = "Tidene kunne ikke hentes – send likevel, så finner vi en.";
  }
}

function showErrors(form, problem) {
  for (const { pointer, detail } of problem.errors ?? []) {
    const field = form.elements[pointer.split("/")[1]];
    const input = field instanceof RadioNodeList ? field[0] : field;
    if (!input) continue;
    const message = Object.assign(document.createElement("p"), {
      className: "error",
      id: `${pointer.slice(1).replaceAll("/", "-")}-error`,
      textContent: detail,
    });
    input.closest(".field").append(message);
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", message.id);
  }
}

async function book(event) {
  event.preventDefault();
  const form = event.target;
  const message = document.getElementById("form-message");
  const button = form.querySelector("button");
  form.querySelectorAll(".error").forEach((element) => element.remove());
  form.querySelectorAll("[aria-invalid]").forEach((element) => element.removeAttribute("aria-invalid"));
  const data = new FormData(form);
  const body = Object.fromEntries([...data].filter(([name]) => name !== "wished_slots"));
  body.wished_slots = data.getAll("wished_slots");
  body.consent = data.has("consent");
  body.language = locale;
  button.disabled = true;
  try {
    await call("demo-bookings/", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const thanks = document.createElement("p");
    thanks.id = "thanks";
    thanks.tabIndex = -1;
    thanks.textContent = "Takk! Vi har sendt deg en bekreftelse på e-post, og tar kontakt innen to virkedager.";
    form.replaceWith(thanks);
    thanks.focus();
  } catch (error) {
    message.textContent = error.problem?.errors ? "Noe mangler eller er feil. Se feltene nedenfor." : error.message;
    if (error.problem) showErrors(form, error.problem);
    message.focus();
    button.disabled = false;
  }
}

document.getElementById("booking").addEventListener("submit", book);
await Promise.all([showFaqs(), showSlots()]);
