import type { Socket } from 'node:net'
import type { Connection, Sender } from 'rhea'

// What rhea has and its typings leave out, in one place.

interface Openable {
  readonly state: { local_open: boolean; open_requests: number }
  open(): void
}

/**
 * Takes back the open or attach that rhea is about to answer with, so that it can be given later, or never.
 * Works only in the handler of the peer's open or attach, before rhea writes.
 */
export function holdReply(endpoint: unknown): void {
  const { state } = endpoint as Openable
  state.local_open = false
  state.open_requests = 0
}

export function giveReply(endpoint: unknown): void {
  const { open } = endpoint as Openable
  open.call(endpoint)
}

/** Serves AMQP on a socket that was accepted. */
export function serve(connection: Connection, socket: Socket): void {
  ;(connection as unknown as { accept(socket: Socket): void }).accept(socket)
}

/** Tells rhea that its socket is gone, which it does not notice when the reset was ours. */
export function socketGone(connection: Connection): void {
  ;(connection as unknown as { eof(): void }).eof()
}

/** The largest frame that will be written, however large the peer would take them. */
export function limitFrames(connection: Connection, bytesMax: number): void {
  const { open } = (connection as unknown as { remote: { open: { max_frame_size: number | null } } }).remote
  open.max_frame_size = Math.min(open.max_frame_size ?? bytesMax, bytesMax)
}

/** Deliveries that a link may still take by the credit its peer gave, counting those not yet written. */
export function creditLeft(link: Sender, sent: number): number {
  const { delivery_count, credit } = link as unknown as { delivery_count: number; credit: number }
  return delivery_count + credit - sent
}

export function creditOf(link: Sender): number {
  return (link as unknown as { credit: number }).credit
}

/** Room in the session for deliveries that the peer has not settled. */
export function sessionRoom(link: Sender): number {
  return (link.session as unknown as { outgoing: { available(): number } }).outgoing.available()
}
