export interface SyslogTls {
  /** Paths of PEM files; they are read when the listener opens. */
  readonly cert: string
  readonly key: string
  /** With it, senders must show a certificate that it signed. */
  readonly ca?: string
}

/** How messages stand in a stream (RFC 6587); `auto` looks at the first one of each connection. */
export type SyslogFraming = 'auto' | 'octets' | 'lines'

export type SyslogTransport =
  | { readonly transport: 'udp' }
  | { readonly transport: 'tcp'; readonly framing: SyslogFraming }
  | { readonly transport: 'tls'; readonly framing: SyslogFraming; readonly tls: SyslogTls }

export type SyslogListener = SyslogTransport & {
  /** Its partition. */
  readonly name: string
  readonly host: string
  readonly port: number
  /** `syslog`: with or without a header, JSON behind it too. `json`: bare JSON, one record a message. */
  readonly format: 'syslog' | 'json'
  /** Time zone of stamps that name none: an IANA name or an offset such as `+02:00`. */
  readonly zone: string
}

export interface SyslogConfig extends SyslogBounds {
  readonly name: string
  readonly listeners: readonly SyslogListener[]
}

export interface SyslogBounds {
  /** Connections at once, per listener; further ones are closed as they come, and counted. */
  readonly connectionsMax: number
  /** A longer message goes to quarantine in pieces of this size. A connection holds at most one unfinished message. */
  readonly messageBytesMax: number
  /**
   * Bytes taken and not yet committed, per listener. At it nothing more is read from connections, so that their
   * senders wait; datagrams are dropped, counted and told.
   */
  readonly bytesInFlightMax: number
  /** Asked of the kernel for a UDP socket; it may give less (`net.core.rmem_max`). */
  readonly receiveBufferBytes: number
  /** Pause between two statements on how listeners stand. */
  readonly statusMs: number
  /** When it is told to stop: how long it still reads what is on its way, before it closes. */
  readonly drainMs: number
  /** A TLS handshake that takes longer is given up. */
  readonly handshakeMsMax: number
}

export const SYSLOG_BOUNDS: SyslogBounds = {
  connectionsMax: 1_000,
  messageBytesMax: 64 * 1024,
  bytesInFlightMax: 16 * 1024 * 1024,
  receiveBufferBytes: 8 * 1024 * 1024,
  statusMs: 1_500,
  drainMs: 500,
  handshakeMsMax: 10_000,
}
