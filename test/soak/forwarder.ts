import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { makeCertificates } from '@weir/emulator'
import { SoakFeed } from './forwarder-feed.ts'

/**
 * How fast is the forwarder, how large does it grow, and how soon is it there with a spool that a long outage
 * filled? The real process between a feed and a syslog receiver over TLS that are processes of their own:
 * it spools while the receiver is away, is killed, starts again and delivers, and then delivers what comes as it
 * comes. `node test/soak/forwarder.ts [ALERTS [LIVE]]` prints one JSON line for each part; exits 1 when one misses
 * its goal.
 */
const SPOOLED = Number(process.argv[2] ?? 1_000_000)
const LIVE = Number(process.argv[3] ?? 100_000)
const GOAL = { alertsPerSecond: 5000, rssMb: 300, readyMs: 1000 }
/** Of `/proc/PID/stat`. */
const TICKS_PER_SECOND = 100

const WEIR = new URL('../../packages/cli/bin/weir.js', import.meta.url).pathname
const folder = mkdtempSync(join(tmpdir(), 'weir-soak-'))
const { ca, server } = await makeCertificates(join(folder, 'tls'), Date.now())
const children: ChildProcess[] = []
const feed = new SoakFeed()

try {
  process.exitCode = await soak()
} finally {
  for (const child of children) child.kill('SIGKILL')
  feed.close()
  rmSync(folder, { recursive: true, force: true })
}

async function soak(): Promise<number> {
  const cpu = `${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown'}, load ${loadavg()[0]!.toFixed(1)}`
  process.stderr.write(`${cpu}, Node ${process.version}\n`)
  const port = await freePort()
  configure(await feed.listen(), port)
  const parts = [await spool(), ...(await deliverAll(port))]
  for (const part of parts) process.stdout.write(`${JSON.stringify(part)}\n`)
  return parts.every(({ ok }) => ok) ? 0 : 1
}

/** From the feed into the spool while the receiver is away; killed at the end. */
async function spool() {
  const forwarder = await startForwarder()
  const begun = performance.now()
  feed.offer(SPOOLED)
  while ((feed.marks.spooled?.bulk ?? 0) < SPOOLED) await delay(50)
  const perSecond = rate(SPOOLED, begun)
  const perCpuSecond = Math.round(SPOOLED / cpuSeconds(forwarder.child))
  const rssMb = await kill(forwarder.child)
  const spoolMb = Math.round(statSync(join(folder, 'spool.db')).size / 1e6)
  const ok = perSecond > GOAL.alertsPerSecond && rssMb < GOAL.rssMb
  return {
    part: 'spool',
    ok,
    alerts: SPOOLED,
    perSecond,
    perCpuSecond,
    rssMb,
    spoolMb,
    lineBytes: feed.lineBytes,
  }
}

/** Out of the full spool, and then what comes as it comes, until the feed hears that all is delivered. */
async function deliverAll(port: number) {
  const receiver = await startReceiver(port)
  const started = performance.now()
  const { child, readyMs } = await startForwarder()
  await receiver.reached(1)
  const firstMs = Math.round(performance.now() - started)
  const begun = performance.now()
  await receiver.reached(SPOOLED)
  const drained = { perSecond: rate(SPOOLED, begun), perCpuSecond: Math.round(SPOOLED / cpuSeconds(child)) }
  const rssDrained = peakMb(child)
  while (feed.delivered('siem') < SPOOLED) await delay(20)
  const repeats = receiver.messages - SPOOLED
  const [live, cpu] = [performance.now(), cpuSeconds(child)]
  feed.offer(LIVE)
  await receiver.reached(SPOOLED + repeats + LIVE)
  const lived = {
    perSecond: rate(LIVE, live),
    perCpuSecond: Math.round(LIVE / (cpuSeconds(child) - cpu)),
  }
  while (feed.delivered('siem') < SPOOLED + LIVE) await delay(20)
  const rssMb = await kill(child)
  const exact = repeats === 0 && receiver.messages === SPOOLED + LIVE
  const good = ({ perSecond }: { perSecond: number }, rss: number) =>
    exact && perSecond > GOAL.alertsPerSecond && rss < GOAL.rssMb
  return [
    { part: 'restart', ok: readyMs < GOAL.readyMs, spooled: SPOOLED, readyMs, firstMs },
    { part: 'drain', ok: good(drained, rssDrained), ...drained, rssMb: rssDrained },
    { part: 'live', ok: good(lived, rssMb), alerts: LIVE, ...lived, rssMb },
  ]
}

function rate(alerts: number, since: number): number {
  return Math.round((1000 * alerts) / (performance.now() - since))
}

function configure(url: string, port: number): void {
  const config = {
    aggregators: [{ name: 'cloud', url, token: { file: 'token' } }],
    spool: { path: 'spool.db' },
    outputs: [{ type: 'syslog', name: 'siem', host: 'localhost', port, ca }],
    log: { level: 'error' },
  }
  writeFileSync(join(folder, 'token'), 'soak')
  writeFileSync(join(folder, 'forwarder.json'), JSON.stringify(config))
}

/** Ready is what it says itself; until then it was being started. */
async function startForwarder() {
  const begun = performance.now()
  const child = spawn(process.execPath, [WEIR, 'forwarder', '--config', join(folder, 'forwarder.json')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '--max-semi-space-size=4' },
  })
  children.push(child)
  await once(createInterface(child.stdout), 'line')
  return { child, readyMs: Math.round(performance.now() - begun) }
}

async function startReceiver(port: number) {
  const script = new URL('./forwarder-receiver.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [script, server.cert, server.key, String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  const lines = createInterface(child.stdout)
  await once(lines, 'line')
  const seen = { messages: 0 }
  lines.on('line', (line) => {
    seen.messages = JSON.parse(line).messages
  })
  return {
    get messages(): number {
      return seen.messages
    },
    async reached(messages: number): Promise<void> {
      while (seen.messages < messages) await once(lines, 'line')
    },
  }
}

/** Nobody listens there until the receiver does. */
async function freePort(): Promise<number> {
  const { createServer } = await import('node:net')
  const holder = createServer().listen(0, '127.0.0.1')
  await once(holder, 'listening')
  const { port } = holder.address() as { port: number }
  holder.close()
  return port
}

/** Greatest resident size, in megabytes, of a process that is then killed. */
async function kill(child: ChildProcess): Promise<number> {
  const rss = peakMb(child)
  child.kill('SIGKILL')
  await once(child, 'exit')
  return rss
}

function peakMb(child: ChildProcess): number {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024)
}

/** Processor time that a process has taken so far: of use where others compete for the machine. */
function cpuSeconds(child: ChildProcess): number {
  const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}
