import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { makeCertificates } from './certificates.ts'

export const TENANT = '11111111-2222-4333-8444-555555555555'
export const CLIENT = 'aaaaaaaa-0000-4000-8000-000000000001'

/** One authority for the whole process, which trusts it: those of one name would be taken for each other. */
export const CERTIFICATES = makeCertificates()
setDefaultCACertificates([...getCACertificates('default'), CERTIFICATES.authority.cert])

/** Entra ID's token endpoint for one application with a secret, and what a service behind it asks: is this token good? */
export class EntraStandIn {
  /** Scopes that were asked for, in order. */
  readonly asked: string[] = []
  refuses = false
  readonly #secret: string
  readonly #good = new Set<string>()
  #server: Server | undefined

  constructor(secret: string) {
    this.#secret = secret
  }

  async listen(): Promise<string> {
    this.#server = createServer({ ...CERTIFICATES.server }, (request, response) => {
      const parts: Buffer[] = []
      request.on('data', (part: Buffer) => parts.push(part))
      request.on('end', () => {
        const { status, body } = this.#reply(request.url ?? '', Buffer.concat(parts).toString())
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      })
    })
    await new Promise<void>((resolve) => this.#server!.listen(0, '127.0.0.1', resolve))
    return this.url
  }

  get url(): string {
    return `https://localhost:${(this.#server!.address() as AddressInfo).port}`
  }

  knows(authorization: string | undefined): boolean {
    return this.#good.has(authorization?.replace(/^Bearer /, '') ?? '')
  }

  /** Every token given so far is refused from now on, though by its own words it holds. */
  withdrawAll(): void {
    this.#good.clear()
  }

  async close(): Promise<void> {
    this.#server?.closeAllConnections()
    await new Promise((resolve) => this.#server?.close(resolve))
  }

  #reply(path: string, form: string): { readonly status: number; readonly body: object } {
    if (path.startsWith(`/${TENANT}/v2.0/.well-known/openid-configuration`))
      return { status: 200, body: this.#metadata(`${this.url}/${TENANT}`) }
    const asked = new URLSearchParams(form)
    const known = asked.get('client_id') === CLIENT && asked.get('client_secret') === this.#secret
    if (!known || this.refuses)
      return {
        status: 401,
        body: {
          error: 'invalid_client',
          error_description: 'AADSTS7000215: Invalid client secret provided.',
        },
      }
    this.asked.push(asked.get('scope') ?? '')
    const token = `token-${this.asked.length}`
    this.#good.add(token)
    return { status: 200, body: { token_type: 'Bearer', expires_in: 3600, access_token: token } }
  }

  #metadata(below: string): object {
    return {
      issuer: `${below}/v2.0`,
      authorization_endpoint: `${below}/oauth2/v2.0/authorize`,
      token_endpoint: `${below}/oauth2/v2.0/token`,
      jwks_uri: `${below}/discovery/v2.0/keys`,
    }
  }
}
