import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { PORT_MAX, wholeNumber } from '../whole-number.ts'

export interface SiemSettings {
  /** What it receives is kept here. */
  readonly data: string
  readonly cert: Buffer
  readonly key: Buffer
  /** Whoever sends over TLS shows a certificate of this authority; without it, nobody has to. */
  readonly ca: Buffer | undefined
  /** 0 for any free port. */
  readonly ports: Readonly<Record<'tls' | 'tcp' | 'hec' | 'control', number>>
}

/**
 * Reads the stand-in's options: `--data FILE --cert FILE --key FILE [--ca FILE] [--tls|tcp|hec|control PORT]`.
 * Throws on what it cannot read.
 */
export function readSettings(args: readonly string[]): SiemSettings {
  const { values } = parseArgs({
    args: [...args],
    options: {
      tls: { type: 'string', default: '0' },
      tcp: { type: 'string', default: '0' },
      hec: { type: 'string', default: '0' },
      control: { type: 'string', default: '0' },
      data: { type: 'string' },
      cert: { type: 'string' },
      key: { type: 'string' },
      ca: { type: 'string' },
    },
  })
  const { data, cert, key, ca } = values
  if (data === undefined || cert === undefined || key === undefined)
    throw new Error('--data FILE, --cert FILE and --key FILE are wanted')
  const port = (name: keyof SiemSettings['ports']) => wholeNumber(`--${name}`, values[name], PORT_MAX)
  return {
    data,
    cert: readFileSync(cert),
    key: readFileSync(key),
    ca: ca === undefined ? undefined : readFileSync(ca),
    ports: { tls: port('tls'), tcp: port('tcp'), hec: port('hec'), control: port('control') },
  }
}
