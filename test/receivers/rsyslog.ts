import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually, freePorts, PEM } from './line.ts'
import { found, type Program, run } from './program.ts'

export const RSYSLOGD = found(['/usr/sbin/rsyslogd', '/sbin/rsyslogd', '/usr/local/sbin/rsyslogd'])

/** A message as rsyslog took it apart. */
export interface Seen {
  readonly hostname: string
  readonly app: string
  readonly procid: string
  readonly msgid: string
  readonly sd: string
  readonly pri: string
  readonly tag: string
  readonly time: string
  readonly msg: string
  readonly raw: string
}

const DEPLOYED = readFileSync(new URL('../../deploy/rsyslog-weir.conf', import.meta.url), 'utf8')

/** rsyslog with the file that we ship and, beside it, plain inputs and a record of what it understood. */
export class Rsyslog {
  readonly folder = mkdtempSync(join(tmpdir(), 'weir-rsyslog-'))
  readonly driver: 'gtls' | 'ossl'
  ports = { tls: 0, tcp: 0, udp: 0 }
  #program: Program | undefined

  constructor(driver: 'gtls' | 'ossl') {
    this.driver = driver
  }

  async start(permitted = 'localhost'): Promise<void> {
    if (this.ports.tls === 0) {
      const [tls = 0, tcp = 0, udp = 0] = await freePorts(3)
      this.ports = { tls, tcp, udp }
    }
    const config = join(this.folder, 'rsyslog.conf')
    writeFileSync(config, this.#deployed(permitted) + this.#beside())
    this.#program = run(RSYSLOGD!, ['-n', '-f', config, '-i', join(this.folder, 'pid')])
    const up = eventually(() => {
      if (!existsSync(join(this.folder, 'pid'))) throw new Error('rsyslog is not up yet')
    })
    await Promise.race([up, this.#program.failed])
  }

  pause(): void {
    this.#program?.pause()
  }

  async stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    await this.#program?.stop(signal)
    rmSync(join(this.folder, 'pid'), { force: true })
  }

  /** Everything that came, by the host in its header. */
  seen(hostname: string): Seen[] {
    return linesOf(join(this.folder, 'seen.ndjson'))
      .map((line) => JSON.parse(line) as Seen)
      .filter((message) => message.hostname === hostname)
  }

  /** The file that the shipped configuration writes. */
  alerts(): string[] {
    return linesOf(join(this.folder, 'alerts.cef'))
  }

  /** JSON documents that rsyslog parsed, as it writes them. */
  documents(): { id: string; message: string; user: string; revision: number }[] {
    return linesOf(join(this.folder, 'documents.ndjson')).map((line) => JSON.parse(line))
  }

  /** Paths, port and name are ours; every other setting is as shipped. */
  #deployed(permitted: string): string {
    const replaced = [
      ['/etc/rsyslog.d/tls/ca.pem', PEM['ca']!],
      ['/etc/rsyslog.d/tls/siem.pem', PEM['server']!],
      ['/etc/rsyslog.d/tls/siem.key', PEM['serverKey']!],
      ['/var/log/weir', this.folder],
      ['"gtls"', `"${this.driver}"`],
      ['weir.corp.example', permitted],
      ['port="6514"', `port="${this.ports.tls}" address="127.0.0.1"`],
      ['  if $app-name', '  call seen\n  if $app-name'],
    ]
    return replaced.reduce((text, [from, to]) => once(text, from!, to!), DEPLOYED)
  }

  #beside(): string {
    const { tcp, udp } = this.ports
    return `
global(workDirectory="${this.folder}")
module(load="imptcp")
module(load="imudp")
module(load="mmjsonparse")
template(name="seen" type="list" option.jsonf="on") {
${Object.entries(PROPERTIES).map(property).join('\n')}
}
template(name="document" type="list" option.jsonf="on") {
  property(outname="id" name="$!weir!alert!id" format="jsonf")
  property(outname="revision" name="$!weir!alert!revision" format="jsonf" dataType="number")
  property(outname="message" name="$!message" format="jsonf")
  property(outname="user" name="$!user!name" format="jsonf")
}
ruleset(name="seen") {
  action(type="omfile" file="${this.folder}/seen.ndjson" template="seen")
  if $app-name == "json" then {
    action(type="mmjsonparse" cookie="")
    if $parsesuccess == "OK" then
      action(type="omfile" file="${this.folder}/documents.ndjson" template="document")
  }
}
input(type="imptcp" port="${tcp}" address="127.0.0.1" ruleset="seen")
input(type="imudp" port="${udp}" address="127.0.0.1" ruleset="seen")
`
  }
}

const PROPERTIES: Readonly<Record<keyof Seen, string>> = {
  hostname: 'hostname',
  app: 'app-name',
  procid: 'procid',
  msgid: 'msgid',
  sd: 'structured-data',
  pri: 'pri',
  tag: 'syslogtag',
  time: 'timereported',
  msg: 'msg',
  raw: 'rawmsg',
}

function property([outname, name]: readonly [string, string]): string {
  const date = name === 'timereported' ? ' dateFormat="rfc3339"' : ''
  return `  property(outname="${outname}" name="${name}" format="jsonf"${date})`
}

/** A setting that is no longer in the shipped file would otherwise go unproven. */
export function once(text: string, from: string, to: string): string {
  if (text.split(from).length !== 2) throw new Error(`the shipped configuration has no single ${from}`)
  return text.replace(from, () => to)
}

export function linesOf(path: string): string[] {
  return existsSync(path)
    ? readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
    : []
}
