import { SIGN_UP_CONSENTS } from '../test/builders/consents.js';

/** What the app on a phone does: HTTP with JSON and a token. */
export class Phone {
  token = '';

  constructor(private readonly baseUrl: string) {}

  async logIn(
    provider: 'kakao' | 'naver',
    body: (nonce: string) => object,
  ): Promise<{ id: string; nickname: string }> {
    const { nonce } = await this.call<{ nonce: string }>('POST', '/auth/nonce');
    const login = await this.call<{ accessToken: string; user: { id: string; nickname: string } }>(
      'POST',
      `/auth/${provider}`,
      body(nonce),
    );
    this.token = login.accessToken;
    await this.agree();
    return login.user;
  }

  /** Whoever logs in for the first time is asked for each consent on its own, and gives it. */
  private async agree(): Promise<void> {
    const { consentsNeeded } = await this.call<{ consentsNeeded: string[] }>('GET', '/users/me');
    for (const consent of SIGN_UP_CONSENTS)
      if (consentsNeeded.includes(consent.kind)) await this.call('POST', '/users/me/consents', consent);
  }

  /** @throws Error with the problem that was answered */
  async call<T>(method: string, path: string, body?: object): Promise<T> {
    const json = body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const text = await (await this.fetch(path, { method, ...json })).text();
    return (text ? JSON.parse(text) : undefined) as T;
  }

  /**
   * For what is not JSON. A whole address is taken as it is.
   * @throws Error with the problem that was answered
   */
  async fetch(
    path: string,
    { headers, ...init }: RequestInit & { headers?: object } = {},
  ): Promise<Response> {
    const authorization = this.token && { authorization: `Bearer ${this.token}` };
    const response = await fetch(new URL(path, this.baseUrl), {
      ...init,
      headers: { ...authorization, ...headers },
    });
    if (!response.ok)
      throw new Error(`${init.method ?? 'GET'} ${path} → ${response.status} ${await response.text()}`);
    return response;
  }
}
