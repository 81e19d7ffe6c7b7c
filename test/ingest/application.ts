import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EntraAuthority, type GuardedServer, makeCertificates } from '@weir/emulator'

export const APPLICATION = {
  tenantId: '5f6d0e8a-3f0b-4c6e-9a51-6a3a1f2b7c10',
  clientId: '8d1c1c7e-0d0f-4a39-9d7a-0f1f6f3b2a01',
  secret: 'a-secret-for-tests-alone',
}

/** An app registration with a secret: what `auth` says of it, and the environment that a process needs for it. */
export async function startApplication(tokens: GuardedServer['tokens']) {
  const folder = mkdtempSync(join(tmpdir(), 'weir-authority-'))
  const { ca, server } = await makeCertificates(folder, Date.now())
  const authority = await EntraAuthority.start(APPLICATION, tokens, server)
  const stop = (): void => {
    authority.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  const { tenantId, clientId, secret } = APPLICATION
  const auth = {
    kind: 'entra',
    credential: 'client-secret',
    tenantId,
    clientId,
    secret: { env: 'WEIR_APP_SECRET' },
    authority: authority.url,
  }
  return { auth, env: { WEIR_APP_SECRET: secret, NODE_EXTRA_CA_CERTS: ca }, folder, stop }
}
