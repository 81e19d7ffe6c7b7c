import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { makeCertificates } from '@weir/emulator'
import { systemClock } from '@weir/runtime'
import { OAuth2Server } from 'oauth2-mock-server'

export const TENANT = '11111111-2222-4333-8444-555555555555'
export const CLIENT = 'aaaaaaaa-0000-4000-8000-000000000001'
export const SECRET = 'a-secret-for-tests-alone'

export interface Entra {
  /** Where an application asks for tokens. */
  readonly authority: string
  /** PEM of who signed the authority's certificate. */
  readonly ca: string
  /** Where a service finds the keys with which tokens are signed. */
  readonly keysUrl: string
  stop(): Promise<void>
}

/** A tenant with one application: real tokens, signed and with claims as Entra ID writes them, for whom knows the secret. */
export async function startEntra(folder: string): Promise<Entra> {
  const issuer = new OAuth2Server()
  await issuer.issuer.keys.generate('RS256')
  await issuer.start(0, '127.0.0.1')
  const { ca, server } = await makeCertificates(folder, systemClock.now())
  const tls = { cert: readFileSync(server.cert), key: readFileSync(server.key) }
  const front = createServer(tls, async (request, response) => {
    const below = `${authority()}/${TENANT}`
    const known = request.url?.startsWith(`/${TENANT}/v2.0/.well-known/`)
    const reply = known ? metadata(below) : await tokenFor(issuer, new URLSearchParams(await text(request)))
    response.writeHead('error' in reply ? 401 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(reply))
  })
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve))
  const authority = (): string => `https://localhost:${(front.address() as AddressInfo).port}`
  const stop = async (): Promise<void> => {
    front.close()
    front.closeAllConnections()
    await issuer.stop()
  }
  return { authority: authority(), ca, keysUrl: `${issuer.issuer.url}/jwks`, stop }
}

async function tokenFor({ issuer }: OAuth2Server, form: URLSearchParams): Promise<object> {
  if (form.get('client_id') !== CLIENT || form.get('client_secret') !== SECRET)
    return { error: 'invalid_client', error_description: 'AADSTS7000215: Invalid client secret provided.' }
  const audience = (form.get('scope') ?? '').split(' ').find((scope) => scope.endsWith('/.default'))
  const access_token = await issuer.buildToken({
    scopesOrTransform: (_, payload) => {
      const iss = `https://sts.windows.net/${TENANT}/`
      Object.assign(payload, { iss, aud: audience?.replace(/\/\.default$/, ''), appid: CLIENT, tid: TENANT })
    },
  })
  return { token_type: 'Bearer', expires_in: 3600, access_token }
}

function metadata(below: string): object {
  return {
    issuer: `${below}/v2.0`,
    authorization_endpoint: `${below}/oauth2/v2.0/authorize`,
    token_endpoint: `${below}/oauth2/v2.0/token`,
    jwks_uri: `${below}/discovery/v2.0/keys`,
  }
}
