import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

/** What each package may import: docs/architecture.md says why. Anything else is refused here, in CI. */
const TABLE: Readonly<Record<string, readonly string[]>> = {
  model: [],
  runtime: ['pino', 'prom-client', 'zod'],
  contract: ['undici', 'zod'],
  store: ['@weir/model', '@weir/runtime', 'better-sqlite3'],
  engine: ['@weir/model', 'ipaddr.js', 'json-rules-engine', 're2js', 'yaml'],
  normalize: ['@weir/model'],
  ingest: [
    '@weir/model',
    '@weir/runtime',
    '@aws-sdk/client-iam',
    '@aws-sdk/client-s3',
    '@aws-sdk/client-sqs',
    '@azure/event-hubs',
    '@azure/identity',
    '@azure/storage-blob',
    '@azure/storage-queue',
    'avsc',
    'rhea',
    'undici',
  ],
  pipeline: ['@weir/engine', '@weir/model', '@weir/normalize', '@weir/runtime'],
  aggregator: [
    '@weir/contract',
    '@weir/engine',
    '@weir/ingest',
    '@weir/model',
    '@weir/normalize',
    '@weir/pipeline',
    '@weir/runtime',
    '@weir/store',
    '@fastify/swagger',
    'fastify',
    'fastify-type-provider-zod',
    'jose',
    'zod',
  ],
  forwarder: [
    '@weir/contract',
    '@weir/runtime',
    '@azure/identity',
    '@platformatic/kafka',
    'better-sqlite3',
    'undici',
    'zod',
  ],
  cli: [
    '@weir/aggregator',
    '@weir/contract',
    '@weir/engine',
    '@weir/forwarder',
    '@weir/ingest',
    '@weir/model',
    '@weir/normalize',
    '@weir/pipeline',
    '@weir/runtime',
    '@weir/store',
    'commander',
  ],
  emulator: [
    '@weir/contract',
    '@weir/model',
    '@weir/pipeline',
    '@weir/runtime',
    '@azure/event-hubs',
    '@azure/storage-blob',
    'azurite',
    'better-sqlite3',
    'rhea',
    'selfsigned',
  ],
}

const packages = join(import.meta.dirname, '../../packages')
const IMPORT =
  /(?:^|\n)\s*(?:import|export)\b[^'"]*?\bfrom\s*'([^']+)'|\bimport\(\s*'([^']+)'|(?:^|\n)import\s+'([^']+)'/g
/** Everything but types and `import(…)`. */
const EAGER = /(?:^|\n)\s*(?:import|export)\b(?!\s+type\b)(?:[^'"]*?\bfrom)?\s*'([^']+)'/g

function sourcesOf(name: string): string[] {
  return readdirSync(join(packages, name, 'src'), { recursive: true })
    .map(String)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(packages, name, 'src', file))
}

function importsOf(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(IMPORT)].map((found) => (found[1] ?? found[2] ?? found[3])!)
}

/** `@scope/name/sub` and `name/sub` without the sub-path. */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

test('the table names every package', () => {
  expect(readdirSync(packages).sort()).toEqual(Object.keys(TABLE).sort())
})

describe.each(Object.entries(TABLE))('%s', (name, allowed) => {
  test('imports only what the table allows', () => {
    const refused = sourcesOf(name).flatMap((file) =>
      importsOf(file)
        .filter((specifier) => !specifier.startsWith('.') && !specifier.startsWith('node:'))
        .filter((specifier) => !allowed.includes(packageOf(specifier)))
        .map((specifier) => `${file.slice(packages.length + 1)} imports ${specifier}`),
    )
    expect(refused).toEqual([])
  })

  test('declares what it imports, and nothing else', () => {
    const manifest = JSON.parse(readFileSync(join(packages, name, 'package.json'), 'utf8'))
    const imported = sourcesOf(name)
      .flatMap(importsOf)
      .filter((one) => !/^(\.|node:)/.test(one))
      .map(packageOf)
    // Azurite is started as a program, never imported.
    const used = new Set([...imported, ...(name === 'emulator' ? ['azurite'] : [])])
    const declared = { ...manifest.dependencies, ...manifest.optionalDependencies }
    expect(Object.keys(declared).sort()).toEqual([...used].sort())
  })

  test('loads what is optional only when it is asked for', () => {
    const manifest = JSON.parse(readFileSync(join(packages, name, 'package.json'), 'utf8'))
    const optional = Object.keys(manifest.optionalDependencies ?? {})
    const refused = sourcesOf(name).flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(EAGER)]
        .map((found) => found[1]!)
        .filter((specifier) => optional.includes(packageOf(specifier)))
        .map((specifier) => `${file.slice(packages.length + 1)} imports ${specifier} at once`),
    )
    expect(refused).toEqual([])
  })

  test('has no import cycle', () => {
    const graph = new Map(
      sourcesOf(name).map((file) => [
        file,
        importsOf(file)
          .filter((one) => one.startsWith('.'))
          .map((one) => join(file, '..', one)),
      ]),
    )
    expect(cycleIn(graph)).toBeUndefined()
  })
})

/** Files of one cycle, or nothing. */
function cycleIn(graph: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const done = new Set<string>()
  const walk = (file: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return undefined
    done.add(file)
    for (const next of graph.get(file) ?? []) {
      const cycle = walk(next, [...path, file])
      if (cycle !== undefined) return cycle
    }
    return undefined
  }
  for (const file of graph.keys()) {
    const cycle = walk(file, [])
    if (cycle !== undefined) return cycle
  }
  return undefined
}
