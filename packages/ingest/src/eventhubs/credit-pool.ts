/** A receiver that is given credit: leave to send it so many messages. */
export interface CreditTaker {
  credit(messages: number): void
}

interface Member {
  readonly taker: CreditTaker
  outstanding: number
}

/**
 * Shares a bound of bytes among receivers. What counts is the worst: a credit as the largest message that it
 * may bring, a message received as its size until it is committed. So memory is bounded whatever is sent, and
 * a consumer that stalls stops every receiver.
 *
 * Half of the bound is dealt out as credit, evenly; the other half is room for what waits to be committed.
 */
export class CreditPool {
  readonly #bytesInFlightMax: number
  readonly #messageBytesMax: number
  readonly #members = new Map<CreditTaker, Member>()
  #receivers = 0
  #held = 0
  #outstanding = 0

  /** @param bytesInFlightMax raised to two of the largest messages for each receiver that is expected, where it is less. */
  constructor(bytesInFlightMax: number, messageBytesMax: number) {
    this.#bytesInFlightMax = bytesInFlightMax
    this.#messageBytesMax = messageBytesMax
  }

  /** Bytes received and not yet released. */
  get held(): number {
    return this.#held
  }

  /** So much is held or on its way that nobody is given more. */
  get full(): boolean {
    return !this.#room()
  }

  /** One more receiver will join, leave and join again; shares are of as many as were announced. */
  expect(): void {
    this.#receivers++
  }

  join(taker: CreditTaker): void {
    this.#members.set(taker, { taker, outstanding: 0 })
    this.#deal()
  }

  /** The receiver is gone, and its credit with it. */
  leave(taker: CreditTaker): void {
    this.#outstanding -= this.#members.get(taker)?.outstanding ?? 0
    this.#members.delete(taker)
    this.#deal()
  }

  /** A message came in; its bytes are held from here on. */
  received(taker: CreditTaker, bytes: number): void {
    const member = this.#members.get(taker)
    this.#held += bytes
    if (member !== undefined) {
      member.outstanding--
      this.#outstanding--
    }
    this.#deal()
  }

  release(bytes: number): void {
    this.#held -= bytes
    this.#deal()
  }

  /** Gives every receiver up to its share, one message each in turn, as far as there is room. */
  #deal(): void {
    const share = Math.max(1, Math.floor(this.#bytesMax() / 2 / this.#receivers / this.#messageBytesMax))
    const grants = new Map<Member, number>()
    for (let level = 1; level <= share && this.#room(); level++) {
      for (const member of this.#members.values()) {
        if (member.outstanding >= level || !this.#room()) continue
        member.outstanding++
        this.#outstanding++
        grants.set(member, (grants.get(member) ?? 0) + 1)
      }
    }
    for (const [member, messages] of grants) member.taker.credit(messages)
  }

  #room(): boolean {
    return this.#held + (this.#outstanding + 1) * this.#messageBytesMax <= this.#bytesMax()
  }

  #bytesMax(): number {
    return Math.max(this.#bytesInFlightMax, 2 * this.#receivers * this.#messageBytesMax)
  }
}
