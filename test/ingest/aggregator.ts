import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, createClient, type SourcesReply } from '@weir/contract'
import { type Child, readyLine, startChild } from '@weir/emulator'
import { until } from '../e2e/until.ts'
import { WEIR } from '../e2e/weir.ts'

export type Source = SourcesReply['sources'][number]

/** Of an admin. */
export const TOKEN = 'a-token-for-tests-alone'

/** An aggregator as a process over sources of a test's own, with a store of its own that survives kills. */
export class TestAggregator {
  readonly folder: string
  readonly #child: Child<{ readonly url: string }>

  private constructor(folder: string, child: Child<{ readonly url: string }>) {
    this.folder = folder
    this.#child = child
  }

  /**
   * @param sources as a configuration writes them
   * @param more further members of the configuration
   * @param env added to the environment, for secrets by reference
   */
  static async start(
    sources: readonly object[],
    more: object = {},
    env: Readonly<Record<string, string>> = {},
  ): Promise<TestAggregator> {
    const folder = mkdtempSync(join(tmpdir(), 'weir-aggregator-'))
    mkdirSync(join(folder, 'rules'))
    const config = join(folder, 'aggregator.json')
    const token = { name: 'test', role: 'admin', token: { env: 'WEIR_TEST_TOKEN' } }
    const usual = {
      store: { path: 'weir.db' },
      rules: { folders: ['rules'] },
      api: { port: 0, tokens: [token] },
      line: { groupCommit: '5ms' },
    }
    writeFileSync(config, JSON.stringify({ ...usual, sources, ...more }))
    const child = await startChild({
      name: 'aggregator',
      script: WEIR,
      args: ['aggregator', '--config', config],
      env: { WEIR_TEST_TOKEN: TOKEN, ...env },
      logFile: join(folder, 'log'),
      ready: (line) => readyLine(line) as { readonly url: string } | undefined,
    })
    return new TestAggregator(folder, child)
  }

  get url(): string {
    return this.#child.ready.url
  }

  /** Rules are read again by themselves. */
  rule(file: string, rule: object): void {
    writeFileSync(join(this.folder, 'rules', file), JSON.stringify(rule))
  }

  /** The books and partitions of one source; `undefined` as long as nobody has heard of it. */
  async source(name: string): Promise<Source | undefined> {
    return await this.ask(async (client) =>
      (await client.sources()).sources.find((each) => each.name === name),
    )
  }

  /** Anything else that the API tells. */
  async ask<T>(question: (client: Client) => Promise<T>): Promise<T> {
    const client = createClient({ url: this.url, token: TOKEN })
    try {
      return await question(client)
    } finally {
      await client.close()
    }
  }

  /** Looks until the source is as it should be. */
  async until(what: string, name: string, condition: (source: Source) => boolean): Promise<Source> {
    return until(what, async () => {
      const source = await this.source(name)
      return source !== undefined && condition(source) ? source : undefined
    })
  }

  /** `kill -9`, and then a new process over the same store. */
  async killAndRestart(): Promise<void> {
    await this.#child.restart()
  }

  /** An orderly end, and then a new process over the same store. */
  async stopAndRestart(): Promise<void> {
    await this.#child.stop()
    await this.#child.restart()
  }

  get log(): string {
    return readFileSync(join(this.folder, 'log'), 'utf8')
  }

  async stop(): Promise<void> {
    await this.#child.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
