import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { ask } from './ask.ts'
import { until } from './until.ts'
import { weir } from './weir.ts'

const MAIN = fileURLToPath(new URL('../../packages/emulator/src/main.ts', import.meta.url))
/** Hubs, Azurite, SIEM, aggregator, forwarder. */
const CHILDREN = 5

const started: ChildProcess[] = []
const folder = mkdtempSync(join(tmpdir(), 'weir-process-'))
afterAll(() => {
  for (const child of started) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

describe.concurrent('the whole network as one command, without a terminal', () => {
  test.for(['SIGINT', 'SIGTERM'] as const)(
    'says where it is, and %s ends all of it',
    { timeout: 120_000 },
    async (signal) => {
      const child = spawn(process.execPath, [MAIN, 'start', '--port', '0'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      started.push(child)
      const { url, token, ca } = await whereItIs(child)
      const answer = await ask(`${url}/v1/rules`, { token, ca })
      expect(answer.status).toBe(200)
      expect(JSON.parse(answer.text).rules.length).toBeGreaterThan(0)
      const children = childrenOf(child.pid!)
      if (existsSync('/proc')) expect(children).toHaveLength(CHILDREN)

      child.kill(signal)
      await until('it has ended', async () => child.exitCode !== null || child.signalCode !== null)
      expect([child.exitCode, child.signalCode]).toEqual([0, null])
      await until('no child is left', async () => !children.some(isAlive))
      expect(existsSync(join(ca, '..', '..'))).toBe(false)
    },
  )
})

interface Place {
  readonly url: string
  readonly token: string
  readonly ca: string
}

/** From the one line that it prints. */
async function whereItIs(child: ChildProcess): Promise<Place> {
  const [line] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string]
  const said = /^Weir is up: (?<url>https:\S+) token (?<token>\S+) ca (?<ca>\S+)$/.exec(line)
  expect(said, line).not.toBeNull()
  return said!.groups as unknown as Place
}

/** Process ids, where the system tells them as files; elsewhere none. */
function childrenOf(pid: number): number[] {
  if (!existsSync('/proc')) return []
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return all.filter((each) => parentOf(each) === pid).map(Number)
}

/** The fourth field; the second is the program's name in brackets and may hold anything. */
function parentOf(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('a configuration with five mistakes is refused with all five, and exit code 2', () => {
  test('of the aggregator', async () => {
    const wrong = {
      store: { path: 'weir.db', feedBytesMax: 'much' },
      rules: { folders: [] },
      api: { port: 99_999, tokens: [{ name: 'x', role: 'king', sha256: 'f'.repeat(64) }] },
      sources: [{ type: 'files', name: 'logs', inputs: ['logs.ndjson'] }],
      surprise: true,
    }
    expect(await refusal('aggregator', wrong)).toEqual([
      'store.feedBytesMax',
      'rules.folders',
      'api.port',
      'api.tokens.0.role',
      '(top): unknown key "surprise"',
    ])
  })

  test('of the forwarder', async () => {
    const wrong = {
      aggregators: [{ name: 'cloud', url: 'weir.example.org', token: { env: 'WEIR_TEST_NOT_SET' } }],
      spool: { path: 'spool.db', bytesMax: 10 },
      outputs: [{ type: 'syslog', name: 'siem', host: 'siem.example.org', port: 6514, framing: 'crlf' }],
      watch: { outputStuckSecondsMax: 0 },
    }
    expect(await refusal('forwarder', wrong)).toEqual([
      'aggregators.0.url',
      'aggregators.0.token',
      'spool.bytesMax',
      'outputs.0.framing',
      'watch.outputStuckSecondsMax',
    ])
  })

  /** The places that the message names, one mistake a line. */
  async function refusal(side: string, config: object): Promise<string[]> {
    const file = join(folder, `${side}.json`)
    writeFileSync(file, JSON.stringify(config))
    const { code, stdout, stderr } = await weir([side, '--config', file])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    const [head, ...lines] = stderr.trimEnd().split('\n')
    expect(head).toBe(`weir: CONFIG_INVALID ${file} has 5 mistake(s)`)
    return lines.map((line) => /^ {2}(\(top\): .*|[^:]+)/.exec(line)?.[1] ?? line)
  }
})
