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
    return login.user;
  }

  /** @throws Error with the problem that was answered */
  async call<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(this.baseUrl + path, {
      method,
      headers: {
        ...(this.token && { authorization: `Bearer ${this.token}` }),
        ...(body && { 'content-type': 'application/json' }),
      },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} → ${response.status} ${text}`);
    return (text ? JSON.parse(text) : undefined) as T;
  }
}
