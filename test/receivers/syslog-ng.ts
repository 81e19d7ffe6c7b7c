import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually, freePorts, PEM } from './line.ts'
import { found, type Program, run } from './program.ts'
import { linesOf, once } from './rsyslog.ts'

/**
 * Where Debian's package is installed; or unpacked, since it cannot be installed beside rsyslog: a folder that
 * `WEIR_SYSLOG_NG` names.
 */
const ROOT = process.env['WEIR_SYSLOG_NG'] ?? ''

export const SYSLOG_NG = found([`${ROOT}/usr/sbin/syslog-ng`, '/usr/sbin/syslog-ng'])

/** A message as syslog-ng took it apart. */
export interface Seen {
  readonly HOST: string
  readonly PROGRAM: string
  readonly PRI: string
  readonly MSGID?: string
  readonly PID?: string
  readonly ISODATE: string
  readonly MESSAGE: string
  /** CEF: its pairs, still escaped. */
  readonly pairs?: Readonly<Record<string, string>>
  /** LEEF: its attributes. */
  readonly attributes?: readonly string[]
  /** JSON: its members; and how syslog-ng itself writes two of them as CEF. */
  readonly alert?: {
    readonly message: string
    readonly weir: { readonly alert: { readonly id: string; readonly revision: number | string } }
  }
  readonly written?: string
}

const DEPLOYED = readFileSync(new URL('../../deploy/syslog-ng-weir.conf', import.meta.url), 'utf8')

/** syslog-ng with the file that we ship and, beside it, plain inputs and a record of what it understood. */
export class SyslogNg {
  readonly folder = mkdtempSync(join(tmpdir(), 'weir-syslog-ng-'))
  ports = { tls: 0, tcp: 0, udp: 0 }
  #program: Program | undefined

  async start(permitted = 'CN=forwarder'): Promise<void> {
    if (this.ports.tls === 0) {
      const [tls = 0, tcp = 0, udp = 0] = await freePorts(3)
      this.ports = { tls, tcp, udp }
    }
    const at = (name: string): string => join(this.folder, name)
    writeFileSync(at('syslog-ng.conf'), `@version: 3.38\n${this.#deployed(permitted)}${this.#beside()}`)
    const files = ['persist-file', 'pidfile', 'control'].map((name) => `--${name}=${at(name)}`)
    const unpacked = existsSync(`${ROOT}/usr/sbin/syslog-ng`)
    const modules = unpacked ? [`--module-path=${ROOT}/usr/lib/syslog-ng/3.38`] : []
    const args = ['-F', '--no-caps', '--stderr', '-f', at('syslog-ng.conf'), ...files, ...modules]
    const env = unpacked ? { LD_LIBRARY_PATH: `${ROOT}/usr/lib/syslog-ng` } : {}
    this.#program = run(SYSLOG_NG!, args, env)
    const up = eventually(() => {
      if (!existsSync(at('control'))) throw new Error('syslog-ng is not up yet')
    })
    await Promise.race([up, this.#program.failed])
  }

  pause(): void {
    this.#program?.pause()
  }

  async stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    await this.#program?.stop(signal)
    rmSync(join(this.folder, 'control'), { force: true })
  }

  /** Everything that came, by the host in its header. */
  seen(host: string): Seen[] {
    return linesOf(join(this.folder, 'seen.ndjson'))
      .map((line) => JSON.parse(line) as Seen)
      .filter((message) => message.HOST === host)
  }

  /** The file that the shipped configuration writes. */
  alerts(): string[] {
    return linesOf(join(this.folder, 'alerts.cef'))
  }

  /** Paths, port and name are ours; every other setting is as shipped. */
  #deployed(permitted: string): string {
    const replaced = [
      ['/etc/syslog-ng/tls/ca.pem', PEM['ca']!],
      ['/etc/syslog-ng/tls/siem.pem', PEM['server']!],
      ['/etc/syslog-ng/tls/siem.key', PEM['serverKey']!],
      ['/var/log/weir', this.folder],
      ['CN=weir.corp.example', permitted],
      ['ip("0.0.0.0") port(6514)', `ip("127.0.0.1") port(${this.ports.tls})`],
    ]
    return replaced.reduce((text, [from, to]) => once(text, from!, to!), DEPLOYED)
  }

  #beside(): string {
    const { tcp, udp } = this.ports
    const seen = SEEN.map((pair) => ` --pair ${pair}`).join('')
    return `
source s_tcp { network(ip("127.0.0.1") port(${tcp}) transport("tcp") flags(syslog-protocol)); };
source s_udp { network(ip("127.0.0.1") port(${udp}) transport("udp")); };
parser p_cef {
  csv-parser(delimiters("|") dialect(escape-none) flags(greedy)
    columns("h.1", "h.2", "h.3", "h.4", "h.5", "h.6", "h.7", "h.rest"));
};
parser p_pairs { kv-parser(prefix("pairs.") pair-separator("\\x01") template("\${h.rest}")); };
parser p_leef {
  csv-parser(delimiters("|") dialect(escape-none) flags(greedy)
    columns("h.1", "h.2", "h.3", "h.4", "h.5", "h.6", "h.rest"));
};
parser p_json { json-parser(prefix("alert.")); };
destination d_seen {
  file("${this.folder}/seen.ndjson" flush-lines(1)
    template("$(format-json --key pairs.* --key alert.*${seen})\\n"));
};
log {
  source(s_weir); source(s_tcp); source(s_udp);
  if { filter { message("LEEF:2.0|" type(string) flags(prefix)) }; parser(p_leef); }
  elif { parser(p_json); }
  elif { filter { host("named" type(string) flags(prefix)) }; parser(p_cef); parser(p_pairs); }
  else {};
  destination(d_seen);
};
`
  }
}

const SEEN = [
  'HOST=$HOST',
  'PROGRAM=$PROGRAM',
  'PRI=$PRI',
  'MSGID=$MSGID',
  'PID=$PID',
  'ISODATE=$ISODATE',
  'MESSAGE=$MSG',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a template of syslog-ng
  '\\"attributes=list($(explode ^ ${h.rest}))\\"',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: as above
  'written=\\"$(format-cef-extension msg=${alert.message} suser=${alert.user.name})\\"',
]
