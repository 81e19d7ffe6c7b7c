import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

/** Apache Kafka's jars and all that they need, as kafka-pom.xml names them. */
const JARS = process.env['WEIR_KAFKA_JARS']

/** True where the real broker can be run. */
export const KAFKA_THERE = JARS !== undefined && existsSync(JARS)

/** PEM texts. */
export interface Identities {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

const USER = { name: 'weir', password: 'hec-token' }

/** What Kafka's console consumer read. */
export interface Consumed {
  readonly key: string
  readonly headers: Readonly<Record<string, string>>
  readonly value: string
}

/** Apache Kafka, one broker and controller, with a listener in the clear and one that wants a certificate and a password. */
export class Kafka {
  /** Between the clients and the listener in the clear; it can lose an answer. */
  readonly #proxy = new LosingProxy()
  readonly #folder = mkdtempSync(join(tmpdir(), 'weir-kafka-'))
  #child: ChildProcess | undefined
  #plain = 0
  #secure = 0

  get brokers(): string[] {
    return [`localhost:${this.#proxy.port}`]
  }

  get secureBrokers(): string[] {
    return [`localhost:${this.#secure}`]
  }

  async prepare(identities: Identities): Promise<void> {
    const [plain = 0, secure = 0, controller = 0] = await freePorts(3)
    this.#plain = plain
    this.#secure = secure
    await this.#proxy.listen(plain)
    writeFileSync(join(this.#folder, 'log4j.properties'), LOG4J)
    const settings = { ...settingsOf(plain, secure, controller, this.#proxy.port), ...tlsOf(identities) }
    const lines = Object.entries({ ...settings, 'log.dirs': join(this.#folder, 'data') })
    const file = lines.map(([name, value]) => `${name}=${value.replaceAll('\n', '\\n')}`).join('\n')
    writeFileSync(join(this.#folder, 'server.properties'), file)
    const scram = `SCRAM-SHA-512=[name=${USER.name},password=${USER.password}]`
    const format = ['format', '-t', 'MkU3OEVBNTcwNTJENDM2Qk', '-c', this.#file, '--add-scram', scram]
    await this.#java('kafka.tools.StorageTool', format)
  }

  /** Resolves once it takes requests. */
  async start(): Promise<void> {
    const log4j = `-Dlog4j.configuration=file:${join(this.#folder, 'log4j.properties')}`
    const child = spawn('java', [log4j, ...QUICK_JVM, 'kafka.Kafka', this.#file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#child = child
    const said: string[] = []
    for await (const line of createInterface(child.stdout)) {
      said.push(line)
      if (!line.includes('Kafka Server started')) continue
      child.stdout.resume()
      return
    }
    throw new Error(`Kafka did not start:\n${said.join('\n')}`)
  }

  async stop(): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null) return
    child.kill('SIGTERM')
    await once(child, 'exit')
  }

  async close(): Promise<void> {
    await this.stop()
    this.#proxy.close()
  }

  async makeTopic(name: string, settings: readonly string[] = []): Promise<void> {
    const config = settings.flatMap((each) => ['--config', each])
    const args = ['--create', '--topic', name, '--partitions', '3', ...config]
    await this.#java('org.apache.kafka.tools.TopicCommand', [
      '--bootstrap-server',
      `localhost:${this.#plain}`,
      ...args,
    ])
  }

  /** Everything in a topic, as Kafka's own consumer reads it until nothing more comes; more patient while there is less. */
  async consume(topic: string, atLeast: number): Promise<Consumed[]> {
    let seen: Consumed[] = []
    for (const patienceMs of [3000, 15_000, 60_000]) {
      seen = await this.#read(topic, patienceMs)
      if (seen.length >= atLeast) break
    }
    return seen
  }

  async #read(topic: string, patienceMs: number): Promise<Consumed[]> {
    const print = ['key', 'headers'].flatMap((what) => ['--property', `print.${what}=true`])
    const from = ['--bootstrap-server', `localhost:${this.#plain}`, '--topic', topic, '--from-beginning']
    const args = [...from, '--timeout-ms', String(patienceMs), ...print]
    const out = await this.#java('org.apache.kafka.tools.consumer.ConsoleConsumer', args)
    return out
      .split('\n')
      .filter((line) => line !== '')
      .map(consumed)
  }

  /** The next batch is kept, and its answer lost with the connection. */
  loseNextAnswer(): void {
    this.#proxy.armed = true
  }

  get lostAnswers(): number {
    return this.#proxy.lost
  }

  get #file(): string {
    return join(this.#folder, 'server.properties')
  }

  async #java(main: string, args: readonly string[]): Promise<string> {
    const options = { maxBuffer: 64_000_000, encoding: 'utf8' } as const
    const { stdout } = await promisify(execFile)('java', [...QUICK_JVM, main, ...args], options)
    return stdout
  }
}

/** They run for seconds: what takes long to begin and pays later is off. */
const QUICK_JVM = [
  '-Xmx512m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Xshare:auto',
  '-cp',
  `${JARS}/*`,
]

const LOG4J = `log4j.rootLogger=WARN, out
log4j.logger.kafka.server.KafkaRaftServer=INFO
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=%p %m%n
`

function settingsOf(
  plain: number,
  secure: number,
  controller: number,
  advertised: number,
): Record<string, string> {
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@localhost:${controller}`,
    listeners: `INSIDE://127.0.0.1:${plain},SECURE://127.0.0.1:${secure},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': `INSIDE://localhost:${advertised},SECURE://localhost:${secure}`,
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,INSIDE:PLAINTEXT,SECURE:SASL_SSL',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'INSIDE',
    'sasl.enabled.mechanisms': 'SCRAM-SHA-512,PLAIN',
    'listener.name.secure.scram-sha-512.sasl.jaas.config':
      'org.apache.kafka.common.security.scram.ScramLoginModule required;',
    'listener.name.secure.plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required user_${USER.name}="${USER.password}";`,
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '1',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    'auto.create.topics.enable': 'false',
  }
}

function tlsOf({ ca, cert, key }: Identities): Record<string, string> {
  return {
    'ssl.client.auth': 'required',
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.certificate.chain': cert,
    'ssl.keystore.key': key,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.certificates': ca,
  }
}

/** `name:value,name:value`, a tab, the key, a tab, the value; JSON has no tab of its own. */
function consumed(line: string): Consumed {
  const [headers = '', key = '', value = ''] = line.split('\t')
  const pairs = headers
    .split(',')
    .map((pair) => [pair.slice(0, pair.indexOf(':')), pair.slice(pair.indexOf(':') + 1)])
  return { key, value, headers: Object.fromEntries(pairs) }
}

/** Passes bytes on, and when it is armed lets a batch through, and cuts the connection in place of the answer. */
class LosingProxy {
  armed = false
  lost = 0
  readonly #server: Server = createServer((client) => this.#join(client))
  #to = 0

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async listen(to: number): Promise<void> {
    this.#to = to
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
  }

  close(): void {
    this.#server.close()
  }

  #join(client: Socket): void {
    const broker = connect(this.#to, '127.0.0.1')
    let losing = false
    client.on('data', (data: Buffer) => {
      // The client waits for each answer, so a request begins with its length and, for a batch, call 0.
      if (this.armed && data.length > 6 && data.readInt16BE(4) === 0) {
        this.armed = false
        losing = true
      }
      broker.write(data)
    })
    broker.on('data', (data: Buffer) => {
      if (!losing) return void client.write(data)
      this.lost++
      client.destroy()
    })
    for (const [one, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      one.on('error', () => undefined)
      one.on('close', () => other.destroy())
    }
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  for (const each of servers) await new Promise<void>((resolve) => each.listen(0, '127.0.0.1', resolve))
  const ports = servers.map((each) => (each.address() as AddressInfo).port)
  for (const each of servers) await new Promise((resolve) => each.close(resolve))
  return ports
}
