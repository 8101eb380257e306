// Signs in, reads what an app needs, and shows how errors look. See README.md.
import { Meander, type Problem, ProblemError } from "./client.js";

const url = process.env["MEANDER_URL"] ?? "http://nhf.localhost:8000";
const email = process.env["MEANDER_EMAIL"];
const password = process.env["MEANDER_PASSWORD"];

function show({ status, type, title, detail, errors = [] }: Problem): void {
  console.error(`${status} ${type}\n${title}: ${detail}`);
  for (const { pointer, code, detail: what } of errors) console.error(`  ${pointer} (${code}): ${what}`);
}

async function main(): Promise<void> {
  if (email === undefined || password === undefined) {
    throw new Error("Set MEANDER_EMAIL and MEANDER_PASSWORD.");
  }
  if (new URL(url).hostname.endsWith(".localhost")) await import("./localhost.js");
  const meander = new Meander(url, process.env["MEANDER_LANGUAGE"] ?? "nb");

  await meander.signIn(email, password);
  const { user, organization, roles } = await meander.me();
  const name = `${user.first_name} ${user.last_name}`.trim() || user.email;
  console.log(`Signed in: ${name}, ${organization.short_name} (${roles.map((r) => r.name).join(", ")})`);

  const stored = await meander.bundle();
  const { locale, faqs, resource_links: links, conversation_cards: cards } = stored.bundle;
  // An area that the organisation doesn't use is null.
  const counts = { faqs: faqs?.items.length, links: links?.items.length, cards: cards?.items.length };
  console.log(`Bundle in ${locale}: ${JSON.stringify(counts)}`);
  const again = await meander.bundle(stored);
  console.log(again === stored ? "Bundle: unchanged since" : "Bundle: changed meanwhile");

  for await (const faq of meander.faqs()) console.log(`${faq.category.name}: ${faq.question}`);
  await meander.signOut();
}

try {
  await main();
} catch (error) {
  if (error instanceof ProblemError) show(error.problem);
  else console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
