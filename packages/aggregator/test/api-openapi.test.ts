import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { get, type Kit, openKit } from './api-kit.ts'

let kit: Kit
beforeEach(() => {
  kit = openKit()
})
afterEach(() => kit.close())

describe('the OpenAPI document', () => {
  type Operation = { summary: string; responses: Record<string, unknown>; parameters?: { name: string }[] }
  type Document = { openapi: string; paths: Record<string, Record<string, Operation>>; components: unknown }

  async function document(): Promise<Document> {
    return (await get(kit, '/openapi.json')).json()
  }

  test('has every route', async () => {
    const { openapi, paths } = await document()
    expect(openapi).toBe('3.1.0')
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    )
    expect(routes.sort()).toEqual([
      'GET /metrics',
      'GET /openapi.json',
      'GET /v1/alerts',
      'GET /v1/alerts/{id}',
      'GET /v1/alerts/{id}/evidence',
      'GET /v1/alerts/{id}/evidence/size',
      'GET /v1/audit',
      'GET /v1/canaries',
      'GET /v1/feed/{lane}',
      'GET /v1/health',
      'GET /v1/ledger',
      'GET /v1/me',
      'GET /v1/quarantine',
      'GET /v1/rules',
      'GET /v1/sources',
      'POST /v1/feed/marks',
      'POST /v1/feed/session',
      'POST /v1/records',
    ])
  })

  test('every operation says what it does and answers; every reference leads somewhere', async () => {
    const whole = await document()
    for (const operation of Object.values(whole.paths).flatMap((each) => Object.values(each))) {
      expect(operation.summary).toMatch(/\w/)
      expect(Object.keys(operation.responses).join()).toMatch(/20[04]/)
    }
    for (const reference of references(whole))
      expect(lookUp(whole, reference), reference).toBeTypeOf('object')
  })

  test('the alert and its filters are described', async () => {
    const { paths, components } = await document()
    const names = paths['/v1/alerts']!['get']!.parameters!.map((each) => each.name).sort()
    const filters = ['after', 'entity', 'from', 'kind', 'limit', 'rule', 'severity', 'status', 'to']
    expect(names).toEqual(filters)
    expect(Object.keys((components as { schemas: object }).schemas).sort()).toEqual(['AlertV1', 'Problem'])
    expect(JSON.stringify(paths['/v1/alerts/{id}'])).toContain('#/components/schemas/AlertV1')
  })

  function references(value: unknown): string[] {
    if (typeof value !== 'object' || value === null) return []
    return Object.entries(value).flatMap(([key, inner]) =>
      key === '$ref' ? [String(inner)] : references(inner),
    )
  }

  function lookUp(whole: unknown, reference: string): unknown {
    const steps = reference.replace(/^#\//, '').split('/')
    return steps.reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], whole)
  }
})
