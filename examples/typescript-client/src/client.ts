// The API as typed calls. `schema.ts` is generated from the OpenAPI document: `npm run generate`.
import createClient, { type Client } from "openapi-fetch";

import type { components, paths } from "./schema.js";

export type Faq = components["schemas"]["Faq"];
export type Bundle = components["schemas"]["Bundle"];
export type Me = components["schemas"]["Me"];
export type Problem = components["schemas"]["Problem"];

/** An error as the API tells it (RFC 9457). `problem.type` is stable, its texts are for people. */
export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(`${problem.title}: ${problem.detail}`);
    this.name = "ProblemError";
  }
}

/** A bundle and the entity tag to ask with next time. */
export interface StoredBundle {
  readonly etag: string;
  readonly bundle: Bundle;
}

export class Meander {
  readonly #client: Client<paths>;
  #token: string | undefined;

  /** `url`: the organisation's own host. `language`: nb, nn or en, or a list as in Accept-Language. */
  constructor(url: string, language: string) {
    this.#client = createClient<paths>({ baseUrl: url, headers: { "Accept-Language": language } });
    this.#client.use({
      onRequest: ({ request }) => {
        if (this.#token) request.headers.set("Authorization", `Bearer ${this.#token}`);
        return request;
      },
    });
  }

  async signIn(email: string, password: string): Promise<void> {
    const device = { name: "TypeScript example", platform: "node", app_version: "1.0.0" };
    const { data, error } = await this.#client.POST("/api/v1/auth/password/", {
      body: { email, password, device },
    });
    const answer = known(data, error);
    // Where the organisation asks for a passkey as well, an app goes on with `auth/password/second-step/`.
    if (!("access_token" in answer)) throw new Error("This organisation asks for a passkey: sign in by app.");
    this.#token = answer.access_token;
  }

  async signOut(): Promise<void> {
    const { error } = await this.#client.POST("/api/v1/auth/logout/");
    this.#token = undefined;
    if (error) throw new ProblemError(error);
  }

  async me(): Promise<Me> {
    const { data, error } = await this.#client.GET("/api/v1/me/");
    return known(data, error);
  }

  /** Everything for use without a network; with `stored`, nothing is sent again that hasn't changed. */
  async bundle(stored?: StoredBundle): Promise<StoredBundle> {
    const { data, error, response } = await this.#client.GET("/api/v1/content/bundle/", {
      params: { header: stored ? { "If-None-Match": stored.etag } : {} },
    });
    if (stored && response.status === 304) return stored;
    return { etag: response.headers.get("ETag") ?? "", bundle: known(data, error) };
  }

  /** All questions and answers, fetched page by page as they are read. */
  async *faqs(pageSize = 50): AsyncGenerator<Faq> {
    let cursor: string | null | undefined;
    do {
      const { data, error } = await this.#client.GET("/api/v1/content/faqs/", {
        params: { query: { page_size: pageSize, ...(cursor ? { cursor } : {}) } },
      });
      const page = known(data, error);
      yield* page.results;
      cursor = page.next && new URL(page.next).searchParams.get("cursor");
    } while (cursor);
  }
}

/** The answer that was asked for, or the problem as an exception. */
function known<T>(data: T | undefined, error: Problem | undefined): T {
  if (data === undefined) throw error ? new ProblemError(error) : new Error("The answer is empty.");
  return data;
}
