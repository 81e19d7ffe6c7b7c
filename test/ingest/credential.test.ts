import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { applicationCertificate, GraphStandIn } from '@weir/emulator'
import { checkGraph, credentialOf, type EntraIdentity, GRAPH_BOUNDS } from '@weir/ingest'
import { Secret, systemClock } from '@weir/runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { APPLICATION, startApplication } from './application.ts'

let graph: GraphStandIn
let application: Awaited<ReturnType<typeof startApplication>>
/** Certificate and key in one file. */
let pem: string

beforeAll(async () => {
  graph = await GraphStandIn.start()
  application = await startApplication(graph.server.tokens)
  const { env, folder } = application
  setDefaultCACertificates([...getCACertificates('default'), readFileSync(env.NODE_EXTRA_CA_CERTS, 'utf8')])
  pem = join(folder, 'application.pem')
  writeFileSync(pem, await applicationCertificate(Date.now()))
})
afterAll(() => {
  application.stop()
  graph.stop()
})

/** How the doctor finds Graph, read as an application behind a token endpoint that this process trusts. */
function checksAs(proof: Partial<EntraIdentity>): Promise<readonly object[]> {
  const { tenantId, clientId } = APPLICATION
  const identity = { tenantId, clientId, authority: application.auth.authority, ...proof } as EntraIdentity
  const what = { root: graph.server.url, streams: ['signIns'], betaSignIns: [] } as const
  const config = { ...GRAPH_BOUNDS, name: 'graph', auth: { kind: 'entra', ...identity }, ...what } as const
  return checkGraph(config, systemClock)
}

const GOOD = [
  { name: 'graph credential', ok: true },
  { name: 'graph stream signIns', ok: true },
]

test('an application proves itself with a secret', async () => {
  const secret = new Secret(APPLICATION.secret)
  expect(await checksAs({ credential: 'client-secret', secret })).toMatchObject(GOOD)
})

test('an application proves itself with a certificate', async () => {
  const checks = await checksAs({ credential: 'client-certificate', certificatePath: pem })
  expect(checks).toMatchObject(GOOD)
})

test('a wrong secret is told by the doctor, in the words of Entra ID', async () => {
  const secret = new Secret('a wrong one')
  const [credential, ...others] = await checksAs({ credential: 'client-secret', secret })
  expect(credential).toMatchObject({ ok: false, detail: expect.stringContaining('AADSTS7000215') })
  expect(others).toEqual([])
})

test.each([
  [{ credential: 'client-secret', clientId: 'c', secret: new Secret('s') }, 'tenantId'],
  [{ credential: 'client-secret', tenantId: APPLICATION.tenantId, secret: new Secret('s') }, 'clientId'],
  [{ credential: 'client-secret', tenantId: APPLICATION.tenantId, clientId: 'c' }, 'secret'],
  [{ credential: 'client-certificate', tenantId: APPLICATION.tenantId, clientId: 'c' }, 'certificatePath'],
] as const)('%j lacks %s', (identity, part) => {
  expect(() => credentialOf(identity)).toThrow(`credential "${identity.credential}" needs "${part}"`)
})
