/** A receiver that is given credit: leave to send it so many messages. */
export interface CreditTaker {
  credit(messages: number): void
}

interface Member {
  readonly taker: CreditTaker
  outstanding: number
  /** What a credit is expected to bring at most. */
  creditBytes: number
}

/** A credit counts as a quarter of the largest message at least: what Azure's own exports send is no larger. */
const CREDIT_SHARE_MIN = 1 / 4

/** How much of its size a credit keeps with each smaller message: some 140 after the last large one it is small. */
const CREDIT_DECAY = 0.99

/**
 * Shares a bound of bytes among receivers. A message received counts as its size until it is committed, a credit
 * as the largest message of late on its receiver (at first the largest that there may be). So memory is bounded
 * whatever is sent, and a consumer that stalls stops every receiver. Only where messages grow beyond a quarter of
 * the largest without a sign may what is on its way go over the bound, once: a half that is four times its size.
 *
 * Half of the bound is dealt out as credit, evenly; the other half is room for what waits to be committed, and
 * as long as no more waits, nobody is without credit, whatever others hold and do not use.
 */
export class CreditPool {
  readonly #bytesInFlightMax: number
  readonly #messageBytesMax: number
  readonly #members = new Map<CreditTaker, Member>()
  #receivers = 0
  #held = 0
  /** What all credit together is expected to bring. */
  #expected = 0

  /** @param bytesInFlightMax raised to two of the largest messages for each receiver that is expected, where it is less. */
  constructor(bytesInFlightMax: number, messageBytesMax: number) {
    this.#bytesInFlightMax = bytesInFlightMax
    this.#messageBytesMax = messageBytesMax
  }

  /** Bytes received and not yet released. */
  get held(): number {
    return this.#held
  }

  /** So much waits to be committed that a receiver may be without credit. */
  get full(): boolean {
    return this.#held > this.#bytesMax() / 2
  }

  /** One more receiver will join, leave and join again; shares are of as many as were announced. */
  expect(): void {
    this.#receivers++
  }

  join(taker: CreditTaker): void {
    this.#members.set(taker, { taker, outstanding: 0, creditBytes: this.#messageBytesMax })
    this.#deal()
  }

  /** The receiver is gone, and its credit with it. */
  leave(taker: CreditTaker): void {
    const member = this.#members.get(taker)
    if (member !== undefined) this.#expected -= member.outstanding * member.creditBytes
    this.#members.delete(taker)
    this.#deal()
  }

  /** A message came in; its bytes are held from here on. */
  received(taker: CreditTaker, bytes: number): void {
    const member = this.#members.get(taker)
    this.#held += bytes
    if (member !== undefined) this.#learn(member, bytes)
    // Half a share at once: credit goes out in frames of its own.
    if (member === undefined || member.outstanding <= this.#shareOf(member) / 2) this.#deal()
  }

  release(bytes: number): void {
    this.#held -= bytes
    this.#deal()
  }

  /** One credit is used, and the others count as what it brought, or what those before it did. */
  #learn(member: Member, bytes: number): void {
    const { outstanding, creditBytes } = member
    const least = this.#messageBytesMax * CREDIT_SHARE_MIN
    const most = Math.min(bytes, this.#messageBytesMax)
    member.creditBytes = Math.max(least, most, creditBytes * CREDIT_DECAY)
    member.outstanding = outstanding - 1
    this.#expected += member.outstanding * member.creditBytes - outstanding * creditBytes
  }

  /** Gives every receiver up to its share, one message each in turn, as far as there is room. */
  #deal(): void {
    const grants = new Map<Member, number>()
    const members = [...this.#members.values()].map((member) => ({ member, share: this.#shareOf(member) }))
    const most = Math.max(0, ...members.map(({ share }) => share))
    for (let level = 1; level <= most; level++) {
      for (const { member, share } of members) {
        if (level > share || member.outstanding >= level || !this.#mayGive(member)) continue
        member.outstanding++
        this.#expected += member.creditBytes
        grants.set(member, (grants.get(member) ?? 0) + 1)
      }
    }
    for (const [member, messages] of grants) member.taker.credit(messages)
  }

  #mayGive({ outstanding, creditBytes }: Member): boolean {
    if (this.#held + this.#expected + creditBytes <= this.#bytesMax()) return true
    return outstanding === 0 && !this.full
  }

  #shareOf({ creditBytes }: Member): number {
    return Math.max(1, Math.floor(this.#bytesMax() / 2 / this.#receivers / creditBytes))
  }

  #bytesMax(): number {
    return Math.max(this.#bytesInFlightMax, 2 * this.#receivers * this.#messageBytesMax)
  }
}
