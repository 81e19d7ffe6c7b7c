import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { EntraTokens } from './tokens.ts'

/** The one application that the stand-in knows. */
export interface EntraApplication {
  readonly tenantId: string
  readonly clientId: string
  readonly secret: string
}

/**
 * Stands for Entra ID's token endpoint: client credentials, by secret or by an assertion that a certificate signed
 * (whose signature is not looked at).
 */
export class EntraAuthority {
  readonly #server: Server
  readonly #application: EntraApplication
  readonly #tokens: EntraTokens

  private constructor(
    application: EntraApplication,
    tokens: EntraTokens,
    tls: { cert: string; key: string },
  ) {
    this.#application = application
    this.#tokens = tokens
    this.#server = createServer(
      { cert: readFileSync(tls.cert), key: readFileSync(tls.key) },
      (request, response) => {
        this.#answer(request, response).catch(() => response.destroy())
      },
    )
  }

  /** @param tls paths of PEM files */
  static async start(
    application: EntraApplication,
    tokens: EntraTokens,
    tls: { readonly cert: string; readonly key: string },
  ): Promise<EntraAuthority> {
    const authority = new EntraAuthority(application, tokens, tls)
    authority.#server.listen(0, '127.0.0.1')
    await once(authority.#server, 'listening')
    return authority
  }

  get url(): string {
    return `https://localhost:${(this.#server.address() as AddressInfo).port}`
  }

  stop(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, body } = await this.#reply(request)
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  }

  async #reply(request: IncomingMessage): Promise<{ readonly status: number; readonly body: object }> {
    const tenant = `/${this.#application.tenantId}`
    const path = new URL(request.url ?? '/', this.url).pathname
    if (path === `${tenant}/v2.0/.well-known/openid-configuration`)
      return { status: 200, body: this.#metadata(tenant) }
    if (path !== `${tenant}/oauth2/v2.0/token`) return { status: 404, body: { error: 'invalid_request' } }
    return this.#token(new URLSearchParams(await text(request)))
  }

  #metadata(tenant: string): object {
    const below = `${this.url}${tenant}`
    return {
      issuer: `${below}/v2.0`,
      authorization_endpoint: `${below}/oauth2/v2.0/authorize`,
      token_endpoint: `${below}/oauth2/v2.0/token`,
      jwks_uri: `${below}/discovery/v2.0/keys`,
    }
  }

  #token(form: URLSearchParams): { readonly status: number; readonly body: object } {
    const { clientId, secret } = this.#application
    const known = form.get('client_id') === clientId
    const proven = form.get('client_secret') === secret || form.has('client_assertion')
    if (!known || !proven || this.#tokens.refusing) {
      const error_description = 'AADSTS7000215: Invalid client secret provided, says the stand-in.'
      return { status: 401, body: { error: 'invalid_client', error_description } }
    }
    const { access_token } = this.#tokens.issue((form.get('scope') ?? '').replace('/.default', ''))
    return {
      status: 200,
      body: { token_type: 'Bearer', expires_in: this.#tokens.lifetimeSeconds, access_token },
    }
  }
}
