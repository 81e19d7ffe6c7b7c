import { readFileSync } from 'node:fs'
import type { AlertV1 } from '@weir/contract'
import { LIMITS } from '@weir/forwarder'
import { createReport, parseConfig, systemClock } from '@weir/runtime'
// biome-ignore lint/style/noRestrictedImports: an output by itself is not part of the forwarder's public face
import { elasticConfig } from '../../../packages/forwarder/src/outputs/elastic/config.ts'
// biome-ignore lint/style/noRestrictedImports: as above
import { ELASTIC } from '../../../packages/forwarder/src/outputs/elastic/elastic.ts'
import type { RealServer } from './server.ts'

/** One index or data stream of a real server, with the output that writes to it. */
export class Target {
  readonly name: string
  readonly #config: ReturnType<typeof parseTarget>
  readonly #url: string

  /** `more` is what an output's configuration has beside type, name and URL. */
  constructor(
    url: string,
    more: { readonly index?: string; readonly dataStream?: string; readonly [key: string]: unknown },
  ) {
    this.#url = url
    this.#config = parseTarget(url, more)
    this.name = (more.index ?? more.dataStream)!
  }

  /** What the doctor says, good or bad. */
  async check(): Promise<string> {
    return ELASTIC.check(this.#config).catch((error: Error) => `refused: ${error.message}`)
  }

  /** Through the output itself, as its worker does. Resolves to what was refused, a line each, and tells how it failed. */
  async send(alerts: readonly AlertV1[]): Promise<string> {
    const tools = { clock: systemClock, report: createReport('silent'), random: Math.random, limits: LIMITS }
    const output = ELASTIC.open(this.#config, { ...tools, wake: () => undefined })
    const messages = alerts.map((alert) => ({
      entry: alert.weir.alert as never,
      bytes: output.encode(alert),
    }))
    try {
      const refused = await output.send(messages, AbortSignal.timeout(60_000))
      return refused.map(({ entry, reason }) => `${entry.id}: ${reason}`).join('\n')
    } catch (error) {
      return `${(error as Error).constructor.name}: ${(error as Error).message}`
    } finally {
      await output.close()
    }
  }

  /** Documents that answer a query. */
  async count(query: object = { match_all: {} }): Promise<number> {
    await ask(this.#url, 'POST', `${this.name}/_refresh`)
    return ((await ask(this.#url, 'POST', `${this.name}/_count`, { query })) as { count: number }).count
  }

  /** Fields and their types as the server has them now. */
  async fields(): Promise<string> {
    const answer = (await ask(this.#url, 'GET', `${this.name}/_mapping`)) as Record<
      string,
      { mappings: object }
    >
    return fieldsIn(Object.values(answer)[0]!.mappings)
  }
}

function parseTarget(url: string, more: object) {
  return parseConfig('here', { type: 'elastic', name: 'out', url, ...more }, elasticConfig, {})
}

/** Lays down our templates. */
export async function installTemplates(server: RealServer): Promise<void> {
  const put = (path: string, name: string) => ask(server.url, 'PUT', path, templateFor(server, name))
  await put('_component_template/weir-alerts@mappings', 'mappings')
  await put('_index_template/weir-alerts', 'index')
  await put('_index_template/weir-alerts-stream', 'data-stream')
}

/** Fields and their types as our template has them. */
export function fieldsOfTemplate(server: RealServer): string {
  return fieldsIn(templateFor(server, 'mappings').template.mappings)
}

/** As it stands in `deploy`, but for a type that a bare Elasticsearch has not. */
function templateFor({ product, bare }: RealServer, name: string): { template: { mappings: object } } {
  const text = readFileSync(new URL(`../../../deploy/${product}/${name}.json`, import.meta.url), 'utf8')
  return JSON.parse(bare ? text.replaceAll('"match_only_text"', '"text"') : text)
}

/** A line each, in order. */
function fieldsIn(mappings: object): string {
  return namesIn(mappings, '').sort().join('\n')
}

function namesIn(object: object, before: string): string[] {
  const { properties = {} } = object as { properties?: Record<string, { type?: string }> }
  return Object.entries(properties).flatMap(([name, field]) =>
    'properties' in field ? namesIn(field, `${before}${name}.`) : [`${before}${name} ${field.type}`],
  )
}

/** The JSON of the answer; throws for one that is no success. */
export async function ask(url: string, method: string, path: string, body?: object): Promise<unknown> {
  const answer = await fetch(`${url}/${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
  return answer.json()
}
